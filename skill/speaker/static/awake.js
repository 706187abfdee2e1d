/** Keeps the screen from going dark while it is wanted, where the browser can. */
export class Awake {
  constructor() {
    this._wanted = false;
    this._lock = null;
    document.addEventListener("visibilitychange", () => this._take());
  }

  /** Keep the screen on, or let it go dark. */
  keep(wanted) {
    this._wanted = wanted;
    return wanted ? this._take() : this._drop();
  }

  // A browser takes the lock away from a hidden page: it is taken again when the page is back.
  async _take() {
    if (!this._wanted || this._asking || document.hidden || (this._lock && !this._lock.released)) return;
    this._asking = true;
    try {
      this._lock = await navigator.wakeLock?.request("screen");
    } catch {
      this._lock = null; // Refused, as on a low battery: the voice goes on all the same.
    }
    this._asking = false;
    if (!this._wanted) this._drop();
  }

  _drop() {
    this._lock?.release();
    this._lock = null;
  }
}
