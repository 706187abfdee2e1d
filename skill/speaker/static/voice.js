/** The voice of the browser, where it has one; otherwise the words are read in silence. */
export class Voice {
  constructor(sound, synthesis = window.speechSynthesis, locale = "en-US") {
    this._sound = sound;
    this._synthesis = synthesis;
    this._utterance = null;
    this.locale = locale;
  }

  /** Whether this browser can speak the locale's language. */
  get exists() {
    return Boolean(this._pick());
  }

  /** Let the browser speak from now on: some allow it only if the first word falls on a tap. */
  unlock() {
    if (this.exists) this._synthesis.speak(new SpeechSynthesisUtterance(""));
  }

  /** Call `changed` whenever the browser's voices change: many arrive late. */
  onVoices(changed) {
    this._synthesis?.addEventListener?.("voiceschanged", changed);
  }

  /**
   * Speak a frame's words; `done(spoken)` is called once, unless stopped before.
   * Returns false, and calls nothing, where the words have to be read.
   */
  speak(frame, done) {
    const voice = this._sound.audible ? this._pick() : null;
    if (!voice) return false;
    const utterance = new SpeechSynthesisUtterance(frame.text);
    Object.assign(utterance, { voice, lang: voice.lang, rate: frame.rate / 100 });
    utterance.onend = () => this._finish(utterance, () => done(true));
    utterance.onerror = () => this._finish(utterance, () => done(false));
    this._utterance = utterance; // Chrome forgets to fire "end" for an utterance nobody holds.
    this._synthesis.speak(utterance);
    return true;
  }

  /** Fall silent at once. */
  stop() {
    if (!this._utterance) return;
    this._utterance = null;
    this._synthesis.cancel();
  }

  _finish(utterance, done) {
    if (utterance !== this._utterance) return;
    this._utterance = null;
    done();
  }

  // Voices made on this device first: remote ones stop after fifteen seconds, and need a network.
  _pick() {
    const wanted = tag(this.locale);
    const speaks = (voice) => tag(voice.lang).split("-")[0] === wanted.split("-")[0];
    const merit = (voice) => 4 * (tag(voice.lang) === wanted) + 2 * Boolean(voice.localService) + Boolean(voice.default);
    const voices = (this._synthesis?.getVoices() ?? []).filter(speaks);
    return voices.reduce((best, voice) => (best && merit(best) >= merit(voice) ? best : voice), null);
  }
}

function tag(language) {
  return language.replace("_", "-").toLowerCase();
}
