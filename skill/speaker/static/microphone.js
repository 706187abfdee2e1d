import { Listener } from "./listener.js";

const PROBLEMS = {
  "not-allowed": "The microphone is blocked. Allow it for this page, or type.",
  "service-not-allowed": "This browser does not recognise speech here. Type instead.",
  "audio-capture": "No microphone was found. Type instead.",
  network: "Speech recognition needs a network here. Type instead.",
};

/** The talk button: while it listens the coach is hushed, and goes on if nothing was said. */
export class Microphone {
  /** onStart(); onText(text, final); onEnd(problem in words, or ""). */
  constructor(button, { onStart, onText, onEnd }) {
    Object.assign(this, { _button: button, _onStart: onStart, _onText: onText, _onEnd: onEnd });
    this._listener = new Listener((text, final) => this._heard(text, final), (problem) => this._end(problem));
    button.hidden = !Listener.exists;
    button.addEventListener("click", () => (this.active ? this.stop() : this._start()));
  }

  set locale(locale) {
    this._listener.locale = locale;
  }

  get active() {
    return this._listener.active;
  }

  /** Stop listening. */
  stop() {
    if (!this.active) return;
    this._listener.stop();
    this._end("");
  }

  _start() {
    this._onStart();
    this._button.setAttribute("aria-pressed", "true");
    this._listener.start();
  }

  _heard(text, final) {
    if (final) this._listener.stop();
    this._onText(text, final);
    if (final) this._end("");
  }

  _end(problem) {
    this._button.setAttribute("aria-pressed", "false");
    this._onEnd(PROBLEMS[problem] ?? "");
  }
}
