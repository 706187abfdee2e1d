const ICONS = "/speaker/static/icons.svg";

/** Draws where the routine is: the stretch, the side, the seconds left, the words. */
export class Screen {
  constructor(root = document) {
    this._root = root;
    const parts = ["place", "stretch", "count", "side", "timer", "seconds", "detail", "words", "routine", "done"];
    this._parts = Object.fromEntries(parts.map((id) => [id, root.getElementById(id)]));
    this._sideName = root.getElementById("side-name");
  }

  /** A frame starts. What is not part of the routine leaves the place on the screen. */
  frame(frame) {
    this._root.documentElement.dataset.kind = frame.kind;
    if (frame.text) this.words(frame.text);
    if (frame.offset_ms >= 0) this._place(frame);
    else this.clear();
    this._parts.timer.hidden = !frame.hold_ms;
    if (frame.hold_ms) this.seconds(frame.hold_left_ms, frame.hold_ms);
  }

  /** The words stand until the next ones. */
  words(text) {
    this._write("words", text);
  }

  /** `left` milliseconds of a hold of `whole` are left. */
  seconds(left, whole) {
    this._write("seconds", String(Math.ceil(left / 1000)));
    this._parts.timer.style.setProperty("--left-of-hold", left / whole);
  }

  /** The routine has come `ms` of `length` far. */
  progress(ms, length) {
    const done = Math.min(ms / length, 1);
    for (const part of ["place", "routine"]) this._parts[part].hidden = false;
    this._parts.done.style.setProperty("--done", done);
    this._parts.routine.setAttribute("aria-valuenow", Math.round(100 * done));
    const left = `${minutes(length - ms)} left`;
    this._write("count", this._number ? `${this._number} \u00b7 ${left}` : left);
  }

  /** Nobody is in a stretch. */
  clear() {
    this._side("");
    this._write("detail", "");
    this._parts.timer.hidden = true;
  }

  /** Nobody is anywhere in the routine. */
  blank() {
    this.clear();
    this.words("");
    this._number = "";
    for (const part of ["place", "routine"]) this._parts[part].hidden = true;
  }

  _place(frame) {
    this._number = frame.number ? `${frame.number} of ${frame.count}` : "";
    this._write("stretch", frame.stretch);
    this._side(frame.side);
    const repetition = frame.repetition > 1 ? `repetition ${frame.repetition}` : "";
    this._write("detail", [frame.side_name, repetition].filter(Boolean).join(", "));
  }

  _side(side) {
    this._parts.side.hidden = !side;
    this._root.documentElement.dataset.side = side;
    if (side) this._sideName.textContent = side;
  }

  _write(part, text) {
    if (this._parts[part].textContent !== text) this._parts[part].textContent = text;
  }
}

/** Show icon `name` in `button`, with `label`. */
export function face(button, name, label) {
  const [icon, text] = [button.querySelector("use"), button.querySelector("span")];
  if (text.textContent === label) return;
  icon.setAttribute("href", `${ICONS}#${name}`);
  text.textContent = label;
}

function minutes(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
