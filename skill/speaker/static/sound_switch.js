import { face } from "./screen.js";

/** The button that turns the voice off and on; without one in the browser, it says so. */
export class SoundSwitch {
  constructor(button, voice, player) {
    Object.assign(this, { _button: button, _voice: voice, _player: player });
    button.addEventListener("click", () => this._flip());
    voice.onVoices(() => this.draw());
    this.draw();
  }

  /** Show how things are. */
  draw() {
    const { exists, on } = this._voice;
    this._button.disabled = !exists;
    this._button.setAttribute("aria-pressed", String(exists && on));
    const label = exists ? `Sound ${on ? "on" : "off"}` : "No voice: read along";
    face(this._button, exists && on ? "sound" : "silence", label);
  }

  _flip() {
    this._voice.on = !this._voice.on;
    if (!this._voice.on) this._player.hush();
    this.draw();
  }
}
