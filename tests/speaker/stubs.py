"""What a browser may have and the one of the tests does not: a voice, ears, and recordings that misbehave."""

import json

VOICE = """
window.said = [];
window.SpeechSynthesisUtterance = class {
  constructor(text) { this.text = text; }
};
class Synthesis extends EventTarget {
  getVoices() { return [{ lang: "de-DE" }, { lang: "en-GB" }, { lang: "en-US", localService: true }]; }
  speak(utterance) {
    if (!utterance.text) return;
    window.said.push({ text: utterance.text, rate: utterance.rate, lang: utterance.voice.lang });
    this.timer = setTimeout(() => utterance.onend(), window.SPEAKING_MS);
  }
  cancel() { clearTimeout(this.timer); window.said.push("cancelled"); }
}
Object.defineProperty(window, "speechSynthesis", { value: new Synthesis() });
"""
"""A voice that takes SPEAKING_MS for whatever it says; `said` is what it was told."""

EARS = """
window.webkitSpeechRecognition = window.SpeechRecognition = class {
  start() { window.ears = this; }
  abort() { this.aborted = true; this.onend(); }
  hear(transcript, isFinal) { this.onresult({ results: [Object.assign([{ transcript }], { isFinal })] }); }
};
"""
"""Speech recognition that hears what the test tells `ears` to."""

NO_EARS = "delete window.SpeechRecognition; delete window.webkitSpeechRecognition;"


def voice(speaking_ms: float | str) -> str:
    """A browser whose voice takes `speaking_ms`."""
    return f"window.SPEAKING_MS = {speaking_ms};{VOICE}"


AUDIO = """
window.heard = [];
window.positions = [];
window.Audio = class extends EventTarget {
  constructor() {
    super();
    Object.assign(this, { paused: true, error: null, source: null, from: 0 });
    window.audio = this;
  }
  hasAttribute() { return this.source !== null; }
  removeAttribute() { this.source = null; }
  setAttribute(name, url) {
    this.source = url;
    this.length = Number(new URL(url, location).searchParams.get("ms"));
    this.load();
    if (SOUND.failure === "missing") setTimeout(() => this.fail(4), 50);
  }
  load() {
    this.hold();
    Object.assign(this, { error: null, from: 0 });
  }
  get ms() {
    if (this.paused || ["never", "missing"].includes(SOUND.failure)) return this.from;
    const ran = this.from + Math.max(0, performance.now() - this.since - SOUND.late_ms);
    const { stall_at, stall_ms } = SOUND;
    const stalled = this.from <= stall_at && ran > stall_at;
    return Math.min(stalled ? Math.max(stall_at, ran - stall_ms) : ran, this.length);
  }
  get ended() { return this.source !== null && this.ms >= this.length; }
  get currentTime() { return this.ms / 1000; }
  set currentTime(seconds) {
    this.from = seconds * 1000;
    this.since = performance.now();
  }
  play() {
    if (!this.source) return new Promise((_, refuse) => (this.refuse = refuse));
    if (SOUND.failure === "refused") return Promise.reject(new DOMException("", "NotAllowedError"));
    window.heard.push({ play: this.source, from: this.from });
    Object.assign(this, { paused: false, since: performance.now() });
    if (SOUND.failure === "broken") setTimeout(() => this.fail(3), SOUND.broken_after);
    const left = SOUND.late_ms + this.length - this.from + (this.from <= SOUND.stall_at ? SOUND.stall_ms : 0);
    this.end = setTimeout(() => this.ended && this.dispatchEvent(new Event("ended")), left + 5);
    return new Promise((_, refuse) => (this.refuse = refuse));
  }
  pause() {
    if (!this.paused) window.heard.push({ pause: this.ms });
    this.hold();
  }
  hold() {
    clearTimeout(this.end);
    this.refuse?.(new DOMException("", "AbortError"));
    Object.assign(this, { from: this.ms, paused: true, refuse: null });
  }
  stopFromOutside() {
    this.pause();
    this.dispatchEvent(new Event("pause"));
  }
  fail(code) {
    if (!this.source || this.error) return;
    this.error = { code };
    this.dispatchEvent(new Event("error"));
  }
};
"""
"""An <audio> that follows the page's clock as SOUND says, for as long as the `ms` in its URL.

`heard` is what it was told: where it was played from, and where it was paused.
"""

NOTES = """
new MutationObserver((records) => {
  for (const _ of records) window.positions.push(audio.currentTime * 1000);
}).observe(document, { subtree: true, attributeFilter: ["data-kind"] });
"""
"""Notes in `positions` where the recording is as each frame starts."""

REAL_AUDIO = """
window.positions = [];
const { Audio } = window;
window.Audio = function () { return (window.audio = new Audio()); };
"""
"""The browser's own <audio>, within reach as `audio`."""


def recording(
    *,
    late_ms: int = 0,
    stall_at: int = -1,
    stall_ms: int = 0,
    failure: str = "",
    broken_after: int = 0,
) -> str:
    """A browser whose recordings start `late_ms` after they are told to, and stand still once at `stall_at`.

    failure: "missing" (404), "refused" (no autoplay), "never" (no answer), "broken" (after `broken_after`).
    """
    knobs = {"late_ms": late_ms, "stall_at": stall_at, "stall_ms": stall_ms}
    knobs |= {"failure": failure, "broken_after": broken_after}
    return f"window.SOUND = {json.dumps(knobs)};{AUDIO}{NOTES}"
