/**
 * Plays the frames of one answer, one after the other.
 *
 * A silence ends at a moment fixed when it began, and what follows counts from that moment, not from when
 * the browser woke up: lateness does not add up. A hold lasts its dose from its first frame on; if a voice
 * needs longer for the words inside it than planned, the silence after them is shorter.
 */
export class Player {
  /** clock: now() and at(). voice: speak() and stop(). onFrame: called with each frame as it starts. */
  constructor(clock, voice, onFrame) {
    Object.assign(this, { _clock: clock, _voice: voice, _onFrame: onFrame });
    this._frames = [];
    this._turn = 0;
    this._cancel = () => {};
    this._behind = 0;
    this.frame = null;
  }

  /** Play `frames`, instead of any before, then call `onEnd`. */
  play(frames, onEnd) {
    this.stop();
    this._frames = frames;
    this._onEnd = onEnd;
    this._planned = this._clock.now();
    this._enter(0, this._planned);
  }

  /** Fall silent at once. */
  stop() {
    this._turn += 1;
    this._cancel();
    this._voice.stop();
    this.frame = null;
  }

  /** Leave the words that are being spoken to be read: no voice, and no place lost. */
  hush() {
    if (this.frame?.kind !== "speech") return;
    this._turn += 1;
    this._voice.stop();
    this._read(this._turn);
  }

  /** Milliseconds into the present frame, at most as long as it is. */
  get elapsed() {
    return this.frame ? clamp(this._clock.now() - this._start, this.frame.ms) : 0;
  }

  /** Milliseconds left of the present hold; 0 outside. */
  get holdLeft() {
    return this.frame?.hold_ms ? clamp(this._holdEnd - this._clock.now(), this.frame.hold_ms) : 0;
  }

  /** By how many milliseconds a slow voice has made this later than planned; negative if earlier. */
  get behind() {
    return this.frame ? Math.round(this._clock.now() - this.elapsed - this._planned) : this._behind;
  }

  _enter(index, start) {
    const before = this.frame;
    const turn = ++this._turn;
    this.frame = this._frames[index] ?? null;
    if (!this.frame) {
      this._behind = before ? Math.round(start - this._planned - before.ms) : 0;
      this._onEnd();
      return;
    }
    Object.assign(this, { _index: index, _start: start });
    this._planned += before ? before.ms : 0;
    if (!continues(before, this.frame)) this._holdEnd = start + this.frame.hold_left_ms;
    this._onFrame(this.frame);
    if (turn === this._turn) this._sound(turn);
  }

  _sound(turn) {
    const { kind, ms } = this.frame;
    if (kind !== "speech") {
      this._until(this._deadline(), turn);
      return;
    }
    // Some browsers never say that they are done.
    this._cancel = this._clock.at(this._clock.now() + 2 * ms + 3000, () => this._next(turn));
    const spoken = (well) => (well ? this._next(turn) : this._read(turn));
    if (!this._voice.speak(this.frame, spoken)) this._read(turn);
  }

  _read(turn) {
    if (turn === this._turn) this._until(this._deadline(), turn);
  }

  _deadline() {
    const { hold_ms: dose, hold_left_ms: left, ms } = this.frame;
    return dose ? this._holdEnd - left + ms : this._start + ms;
  }

  _until(moment, turn) {
    this._cancel();
    this._cancel = this._clock.at(moment, () => turn === this._turn && this._enter(this._index + 1, moment));
  }

  _next(turn) {
    if (turn !== this._turn) return;
    this._cancel();
    this._voice.stop();
    this._enter(this._index + 1, this._clock.now());
  }
}

function continues(before, frame) {
  return before?.hold_ms > 0 && frame.hold_ms > 0 && before.hold_left_ms - before.ms === frame.hold_left_ms;
}

function clamp(ms, most) {
  return Math.min(Math.max(ms, 0), most);
}
