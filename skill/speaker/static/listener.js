/** Hears one utterance at a time, where the browser can. */
export class Listener {
  static get exists() {
    return Boolean(recognition());
  }

  /** onHeard(text, final); onEnd(problem): heard enough, problem is "" or why nothing was heard. */
  constructor(onHeard, onEnd) {
    Object.assign(this, { _onHeard: onHeard, _onEnd: onEnd, _recognizer: null, locale: "en-US" });
  }

  /** Whether it is listening now. */
  get active() {
    return this._recognizer !== null;
  }

  /** Listen, until something has been said. */
  start() {
    const recognizer = new (recognition())();
    Object.assign(recognizer, { lang: this.locale, interimResults: true, continuous: false });
    let problem = "";
    recognizer.onresult = (event) => this._heard(recognizer, event);
    recognizer.onerror = (event) => (problem = event.error);
    recognizer.onend = () => this._over(recognizer, problem);
    this._recognizer = recognizer;
    recognizer.start();
  }

  /** Stop listening: what was said so far does not count. */
  stop() {
    const recognizer = this._recognizer;
    this._recognizer = null;
    recognizer?.abort();
  }

  _heard(recognizer, event) {
    if (recognizer !== this._recognizer) return;
    const results = [...event.results];
    const text = results.map((result) => result[0].transcript).join("").trim();
    this._onHeard(text, results.every((result) => result.isFinal));
  }

  _over(recognizer, problem) {
    if (recognizer !== this._recognizer) return;
    this._recognizer = null;
    this._onEnd(problem);
  }
}

function recognition() {
  return window.SpeechRecognition ?? window.webkitSpeechRecognition;
}
