const PATIENCE_MS = 10_000;

/** The coach behind the page. Turns reach it in the order they were taken. */
export class Server {
  constructor(page) {
    this._page = page;
    this._last = Promise.resolve();
  }

  /** What can be said, by situation, and the language. */
  async examples() {
    const response = await fetch("/speaker/examples");
    if (!response.ok) throw new Error(response.statusText);
    return response.json();
  }

  /** The answer to `text`, or to being opened, if there is none; `behind`: see Player. */
  turn(text, behind) {
    return this._inOrder(async () => (await post("/speaker/turn", this._body({ text, behind_ms: behind }))).json());
  }

  /** Nobody answered. */
  unanswered() {
    return this._inOrder(() => post("/speaker/end", this._body({ reason: "EXCEEDED_MAX_REPROMPTS" })));
  }

  /** The person goes away; the page may be gone before there is an answer. */
  leave() {
    const body = this._body({ reason: "USER_INITIATED" });
    navigator.sendBeacon("/speaker/end", new Blob([body], { type: "application/json" }));
  }

  _body(fields) {
    return JSON.stringify({ page: this._page, ...fields });
  }

  _inOrder(send) {
    const sent = this._last.then(send);
    this._last = sent.catch(() => {});
    return sent;
  }
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(path, { method: "POST", headers, body, signal });
  if (!response.ok) throw new Error(response.statusText);
  return response;
}
