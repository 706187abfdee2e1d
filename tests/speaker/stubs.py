"""What a browser may have and the one of the tests does not: a voice, and ears."""

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
