/** Whether the coach may be heard: by the person's choice, and while the microphone does not listen. */
export class Sound {
  constructor() {
    this.on = true;
    this.hushed = false;
  }

  /** Whether the coach may be heard now. */
  get audible() {
    return this.on && !this.hushed;
  }
}
