/** Things to say, to tap. */
export class Suggestions {
  constructor(list, onPick) {
    Object.assign(this, { _list: list, _onPick: onPick, _examples: {}, _shown: "" });
  }

  /** Suggest these phrases, by situation. */
  set examples(examples) {
    this._examples = examples;
    this._shown = "";
  }

  /** Show what can be said in `situation`. */
  show(situation) {
    if (situation === this._shown) return;
    this._shown = situation;
    this._list.replaceChildren(...(this._examples[situation] ?? []).map((phrase) => this._item(phrase)));
  }

  _item(phrase) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: phrase });
    button.addEventListener("click", () => this._onPick(phrase));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }
}
