/** So often one looks whether a recording has come as far as it should have. */
const GRAIN_MS = 10;
/** A recording that is off by less is left to run: to seek would be heard. */
const TOLERANCE_MS = 20;

/**
 * The time that frames are measured in: the clock's, less all waits for a recording.
 *
 * While a recording leads, its own position tells the time: a late start or a stall stops it, and what it
 * is ahead or behind of the clock does not add up. Otherwise the clock tells it.
 */
export class Tempo {
  /** clock: now() and at(). recording: play(), pause(), position. */
  constructor(clock, recording) {
    Object.assign(this, { _clock: clock, _recording: recording, _waited: 0, leads: false });
  }

  /** Forget all waits. The clock leads. */
  begin() {
    this._waited = 0;
  }

  /** Milliseconds; they stand still while the recording does. */
  now() {
    if (!this.leads) return this._clock.now() - this._waited;
    return this._since + Math.max(this._recording.position - this._from, 0);
  }

  /** By how many milliseconds the recording has made all this later than the clock says. */
  get waited() {
    return this._clock.now() - this.now();
  }

  /** Let the recording lead, from `position` at `moment` on; if it comes there anyway, it just runs on. */
  follow(position, moment) {
    if (this.leads && Math.abs(this.momentOf(position) - moment) < TOLERANCE_MS) return;
    this.release();
    Object.assign(this, { _since: this.now(), _from: position, leads: true });
    this._recording.play(position);
  }

  /** Silence the recording, and let the clock lead. */
  release() {
    if (!this.leads) return;
    this._waited = this.waited;
    this.leads = false;
    this._recording.pause();
  }

  /** When the recording that leads is at `position`. */
  momentOf(position) {
    return this._since + position - this._from;
  }

  /** Call `ring` at `moment`, soon if that is over. Returns a function that calls it off. */
  at(moment, ring) {
    let cancel;
    const arm = (ms) => (cancel = this._clock.at(this._clock.now() + ms, check));
    const check = () => {
      const left = moment - this.now();
      if (left > 1) arm(Math.max(left, GRAIN_MS));
      else ring();
    };
    arm(moment - this.now());
    return () => cancel();
  }
}
