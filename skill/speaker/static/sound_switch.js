import { face } from "./screen.js";

/** The button that turns the sound off and on; with neither a voice nor recordings, it says so. */
export class SoundSwitch {
  constructor(button, { sound, voice, recording, player }) {
    Object.assign(this, { _button: button, _sound: sound, _voice: voice, _recording: recording, _player: player });
    button.addEventListener("click", () => this._flip());
    voice.onVoices(() => this.draw());
    recording.onExists = () => this.draw();
    this.draw();
  }

  /** Show how things are. */
  draw() {
    const exists = this._voice.exists || this._recording.exists;
    const { on } = this._sound;
    this._button.disabled = !exists;
    this._button.setAttribute("aria-pressed", String(exists && on));
    const label = exists ? `Sound ${on ? "on" : "off"}` : "No voice: read along";
    face(this._button, exists && on ? "sound" : "silence", label);
  }

  _flip() {
    this._sound.on = !this._sound.on;
    if (!this._sound.on) this._player.hush();
    this.draw();
  }
}
