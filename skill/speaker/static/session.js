const LISTENING_MS = 8000;

/**
 * Takes turns with the coach as a smart speaker does: plays an answer, listens, asks again, listens, ends.
 * Whatever is said stops what is playing; only the answer to what was said last is played.
 */
export class Session {
  /**
   * server, player, clock: as in their files. busy: whether the person is about to say something.
   * onChange(mode, detail): "thinking" (text), "speaking" (answer), "listening", "over", "trouble" (text).
   */
  constructor({ server, player, clock, busy, onChange }) {
    Object.assign(this, { _server: server, _player: player, _clock: clock, _busy: busy, _onChange: onChange });
    this._turn = 0;
    this._cancel = () => {};
    this.open = false;
  }

  /** Say `text`; nothing opens the coach. */
  async say(text) {
    const behind = this._player.behind;
    const turn = this._interrupt();
    this._onChange("thinking", text);
    let answer;
    try {
      answer = await this._server.turn(text, behind);
    } catch {
      if (turn === this._turn) this._onChange("trouble", text);
      return;
    }
    if (turn === this._turn) this._answer(answer);
  }

  /** Go away: the place is kept. */
  leave() {
    this._interrupt();
    if (!this.open) return;
    this._server.leave();
    this.open = false;
    this._onChange("over");
  }

  _interrupt() {
    this._cancel();
    this._player.stop();
    return ++this._turn;
  }

  _answer(answer) {
    this.open = !answer.ends;
    this._onChange("speaking", answer);
    const last = () => this._listen(() => this._giveUp());
    const again = () => this._player.play(answer.reprompt, last, answer.reprompt_sound);
    const then = () => (this.open ? this._listen(again) : this._onChange("over"));
    this._player.play(answer.frames, then, answer.sound);
  }

  _listen(then) {
    this._onChange("listening");
    this._wait(then);
  }

  _wait(then) {
    const over = () => (this._busy() ? this._wait(then) : then());
    this._cancel = this._clock.at(this._clock.now() + LISTENING_MS, over);
  }

  _giveUp() {
    this.open = false;
    this._onChange("over");
    this._server.unanswered().catch(() => {});
  }
}
