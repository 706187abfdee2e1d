/**
 * Plays the frames of one answer, one after the other: its recording, or a voice, or words to be read.
 *
 * A silence ends at a moment fixed when it began, and what follows counts from that moment, not from when
 * the browser woke up: lateness does not add up. A hold lasts its dose from its first frame on; if a voice
 * needs longer for the words inside it than planned, the silence after them is shorter.
 *
 * The recording holds every frame for as long as it is planned, words that nobody recorded as a silence:
 * it waits while a voice says them, and goes on with the next frame.
 */
export class Player {
  /**
   * tempo: see there. recording: open(), close() and ready. voice: speak() and stop().
   * onFrame: called with each frame as it starts.
   */
  constructor({ tempo, recording, voice, onFrame }) {
    Object.assign(this, { _tempo: tempo, _recording: recording, _voice: voice, _onFrame: onFrame });
    this._frames = [];
    this._turn = 0;
    this._cancel = () => {};
    this._behind = 0;
    this.frame = null;
    recording.onOver = (well) => this._goOnWithout(well);
  }

  /** Play `frames`, recorded at the URL `sound` if there is one, instead of any before; then call `onEnd`. */
  play(frames, onEnd, sound = null) {
    this.stop();
    this._tempo.begin();
    this._recording.open(sound);
    Object.assign(this, { _frames: frames, _onEnd: onEnd, _at: 0, _began: this._tempo.now() });
    this._enter(0, this._began);
  }

  /** Fall silent at once. */
  stop() {
    this._turn += 1;
    this._cancel();
    this._voice.stop();
    this._tempo.release();
    this._recording.close();
    this.frame = null;
    this._behind = 0;
  }

  /** Leave the words that are being spoken to be read: no sound, and no place lost. */
  hush() {
    if (!this.frame) return;
    this._turn += 1;
    this._voice.stop();
    this._tempo.release();
    this._wait(this._turn);
  }

  /** Milliseconds into the present frame, at most as long as it is. */
  get elapsed() {
    return this.frame ? clamp(this._tempo.now() - this._start, this.frame.ms) : 0;
  }

  /** Milliseconds left of the present hold; 0 outside. */
  get holdLeft() {
    return this.frame?.hold_ms ? clamp(this._holdEnd - this._tempo.now(), this.frame.hold_ms) : 0;
  }

  /** By how many milliseconds a slow voice or recording has made this later than planned; negative if earlier. */
  get behind() {
    return this.frame ? this._later(this._tempo.now() - this.elapsed) : this._behind;
  }

  /** What `behind` is if the present frame began at `start`. */
  _later(start) {
    return Math.round(start - this._began - this._at + this._tempo.waited);
  }

  _enter(index, start) {
    const before = this.frame;
    const turn = ++this._turn;
    this.frame = this._frames[index] ?? null;
    this._at += before ? before.ms : 0;
    if (!this.frame) {
      this._behind = before ? this._later(start) : 0;
      this._tempo.release();
      this._recording.close();
      this._onEnd();
      return;
    }
    const { hold_left_ms: left, ms } = this.frame;
    if (!continues(before, this.frame)) this._holdEnd = start + left;
    this._due = this.frame.hold_ms ? this._holdEnd - left : start;
    Object.assign(this, { _index: index, _start: start, _end: this._due + ms });
    this._onFrame(this.frame);
    if (turn === this._turn) this._sound(turn);
  }

  _sound(turn) {
    if (this._isForVoice() && this._speak(turn)) return;
    if (this._recording.ready) this._follow();
    this._wait(turn);
  }

  _isForVoice() {
    return this.frame.kind === "speech" && !(this.frame.recorded && this._recording.ready);
  }

  _speak(turn) {
    const spoken = (well) => (well && !this._isEarly() ? this._next(turn) : this._wait(turn));
    if (!this._voice.speak(this.frame, spoken)) return false;
    this._tempo.release();
    this._cancel();
    // Some browsers never say that they are done.
    this._cancel = this._tempo.at(this._tempo.now() + 2 * this.frame.ms + 3000, () => this._next(turn));
    return true;
  }

  // What is recorded of a hold cannot be made longer: a quick voice has to be waited for.
  _isEarly() {
    return this.frame.hold_ms > 0 && this._recording.ready && this._tempo.now() < this._end;
  }

  // Words are heard whole. In a hold that words have made late, so much of the recorded silence is left out.
  _follow() {
    const { kind, ms } = this.frame;
    const late = kind === "speech" ? 0 : clamp(this._start - this._due, ms);
    this._tempo.follow(this._at + late, this._start);
    this._start = this._tempo.momentOf(this._at);
    this._end = this._start + ms;
  }

  _goOnWithout(well) {
    const { leads } = this._tempo;
    this._tempo.release();
    if (leads && !well && this.frame) this._sound(this._turn);
  }

  _wait(turn) {
    if (turn === this._turn) this._until(this._end, turn);
  }

  _until(moment, turn) {
    this._cancel();
    this._cancel = this._tempo.at(moment, () => turn === this._turn && this._enter(this._index + 1, moment));
  }

  _next(turn) {
    if (turn !== this._turn) return;
    this._cancel();
    this._voice.stop();
    this._enter(this._index + 1, this._tempo.now());
  }
}

function continues(before, frame) {
  return before?.hold_ms > 0 && frame.hold_ms > 0 && before.hold_left_ms - before.ms === frame.hold_left_ms;
}

function clamp(ms, most) {
  return Math.min(Math.max(ms, 0), most);
}
