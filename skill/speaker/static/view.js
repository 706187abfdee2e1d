import { face } from "./screen.js";

const STATUS = {
  thinking: "One moment\u2026",
  listening: "Listening\u2026",
  over: "Say something to go on",
  paused: "Paused",
  trouble: "The coach cannot be reached. Your place is kept: say it again.",
};

/** In these nothing is known yet of what comes next. */
const WAITING = new Set(["thinking", "trouble"]);

/** Shows the conversation: its mode, what is playing, what can be said. */
export class View {
  constructor({ player, screen, suggestions, status, toggle }) {
    Object.assign(this, { _player: player, _screen: screen, _suggestions: suggestions });
    Object.assign(this, { _status: status, _toggle: toggle, _mode: "off", _note: "" });
    Object.assign(this, { _open: false, _paused: false, _situation: "idle", _farewell: "" });
    /** Whether the coach has said goodbye and there is no place to come back to: it is all as at first. */
    this.fresh = true;
  }

  /** The conversation is in `mode`; answer: what is being said, if it is "speaking". */
  mode(mode, answer) {
    this._note = "";
    if (mode === "thinking") this.fresh = false;
    if (mode === "speaking") this._begin(answer);
    if (mode === "listening") this._situation = this._then;
    if (mode === "over") this._end();
    this._mode = this.fresh ? "off" : mode;
    this._draw();
  }

  /** Show a frame as it starts. */
  frame(frame) {
    if (this.fresh) return;
    if (this._paused) this._screen.words(frame.text);
    else this._screen.frame(frame);
    if (this._mode === "listening") this._mode = "speaking";
    this._draw();
  }

  /** Show the time that has passed. */
  tick() {
    const { frame, elapsed, holdLeft } = this._player;
    if (!frame || frame.offset_ms < 0) return;
    this._screen.progress(frame.offset_ms + elapsed, frame.length_ms);
    if (frame.hold_ms) this._screen.seconds(holdLeft, frame.hold_ms);
  }

  /** Tell something that is not part of the conversation, until it goes on. */
  note(text) {
    this._note = text;
    this._draw();
  }

  // A pause leaves on the screen what was there: the place it is kept at.
  _begin(answer) {
    this._open = !answer.ends;
    document.documentElement.toggleAttribute("data-alarm", answer.situation === "alarm");
    this._paused = answer.situation === "paused" && this._open;
    this._situation = answer.situation;
    this._then = answer.then;
    this.fresh = answer.ends && answer.situation === "idle";
    this._farewell = answer.frames.map((frame) => frame.text).join(" ").trim();
    if (this.fresh) this._screen.blank();
    else if (!this._paused) this._screen.clear();
  }

  _end() {
    this._open = false;
    this._paused = false;
    this._situation = "idle";
    this._screen.clear();
  }

  _draw() {
    const mode = this._paused && this._mode === "speaking" ? "paused" : this._mode;
    document.documentElement.dataset.mode = mode;
    const alarm = mode === "over" && document.documentElement.hasAttribute("data-alarm");
    const status = mode === "off" ? this._farewell : STATUS[mode];
    this._status.textContent = this._note || (alarm ? "" : status) || "";
    this._drawToggle(this._open && !this._paused);
    if (!WAITING.has(mode)) this._suggestions.show(this._situation);
    this.tick();
  }

  _drawToggle(plays) {
    this._toggle.dataset.say = plays ? "pause" : "resume";
    face(this._toggle, plays ? "pause" : "resume", plays ? "Pause" : "Resume");
  }
}
