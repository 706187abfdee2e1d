/** The clock: what time it is, and alarms at moments on it. */
export class Clock {
  constructor() {
    this._alarms = new Map();
    this._last = 0;
    this._worker = startWorker((id) => this._check(id));
  }

  /** Milliseconds, never set back. */
  now() {
    return performance.now();
  }

  /** Call `ring` at `moment`, soon if that is over. Returns a function that calls it off. */
  at(moment, ring) {
    const id = ++this._last;
    this._alarms.set(id, { moment, ring });
    this._arm(id);
    return () => this._drop(id);
  }

  // Two timers for each alarm: the page's own is exact, the worker's is not slowed in a hidden tab.
  _arm(id) {
    const alarm = this._alarms.get(id);
    const ms = Math.max(0, alarm.moment - this.now());
    clearTimeout(alarm.timer);
    alarm.timer = setTimeout(() => this._check(id), ms);
    this._worker?.postMessage({ id, ms });
  }

  _check(id) {
    const alarm = this._alarms.get(id);
    if (!alarm) return;
    if (alarm.moment - this.now() > 1) {
      this._arm(id);
      return;
    }
    this._drop(id);
    alarm.ring();
  }

  _drop(id) {
    clearTimeout(this._alarms.get(id)?.timer);
    this._alarms.delete(id);
  }
}

function startWorker(ring) {
  try {
    const worker = new Worker(new URL("./alarm.js", import.meta.url));
    worker.onmessage = ({ data }) => ring(data);
    return worker;
  } catch {
    return null;
  }
}
