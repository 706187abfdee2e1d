const LOOK_MS = 500;
/** Looks in a row that find it has not moved: three seconds. A computer that slept counts as one look. */
const PATIENCE = 6;

/** The recording of one answer at a time. One <audio> for all: a phone lets only those sound that a tap began. */
export class Recording {
  constructor(clock, sound, audio = new Audio()) {
    Object.assign(this, { _clock: clock, _sound: sound, _audio: audio });
    Object.assign(this, { _url: null, _over: true, _playing: false, _cancel: () => {} });
    /** Whether this page gets recordings that it can play. */
    this.exists = false;
    /** Called when `exists` has changed. */
    this.onExists = () => {};
    /** onOver(well): it will not go on; well: because it is at its end. */
    this.onOver = () => {};
    /** Called when it is stopped from outside: by a button of a headset, by a call. */
    this.onPaused = () => {};
    audio.preload = "auto";
    audio.addEventListener("error", () => audio.error && this._lose());
    audio.addEventListener("ended", () => this._playing && this._finish(true));
    audio.addEventListener("pause", () => this._stopped());
    audio.addEventListener("loadedmetadata", () => this._playing && this._seek());
  }

  /** Let it sound from now on: call this on a tap. */
  unlock() {
    this._audio.play()?.catch(() => {});
    this._audio.pause();
  }

  /** Take the recording at `url`, or none, instead of any before. */
  open(url) {
    this.close();
    this._url = url;
    this._over = !url;
    if (url) this._exist(true);
    if (this.ready) this._load();
  }

  /** Whether it can be played now. */
  get ready() {
    return !this._over && this._sound.audible;
  }

  /** Milliseconds from its start to what is heard now. */
  get position() {
    return this._audio.currentTime * 1000;
  }

  /** Sound from `position` on. */
  play(position) {
    this._load();
    this._from = position;
    this._playing = true;
    this._seek();
    const url = this._url;
    // To be stopped before it began is no failure.
    this._audio.play()?.catch((error) => error.name !== "AbortError" && url === this._url && this._lose());
    this._watch(position);
  }

  /** Be silent at once. */
  pause() {
    this._cancel();
    this._playing = false;
    this._audio.pause();
  }

  /** Be silent at once, and ask for no more of it. */
  close() {
    this.pause();
    this._url = null;
    this._over = true;
    if (!this._audio.hasAttribute("src")) return;
    this._audio.removeAttribute("src");
    this._audio.load();
  }

  _load() {
    if (!this._audio.hasAttribute("src")) this._audio.setAttribute("src", this._url);
  }

  // Some browsers forget what was sought before they knew what they play.
  _seek() {
    if (Math.abs(this.position - this._from) >= 1) this._audio.currentTime = this._from / 1000;
  }

  _watch(before, still = 0) {
    this._cancel();
    this._cancel = this._clock.at(this._clock.now() + LOOK_MS, () => {
      const here = Math.max(this.position, this._from);
      const looks = here - before < 1 ? still + 1 : 0;
      if (looks === PATIENCE) this._lose();
      else this._watch(here, looks);
    });
  }

  _stopped() {
    if (this._playing && this._audio.paused && !this._audio.ended) this.onPaused();
  }

  _lose() {
    if (this._over) return;
    this._finish(false);
    this._exist(false);
  }

  _finish(well) {
    this._over = true;
    this.onOver(well);
  }

  _exist(exists) {
    if (exists === this.exists) return;
    this.exists = exists;
    this.onExists();
  }
}
