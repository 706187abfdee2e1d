/** Where the person is in the conversation, as the suggestions are sorted. */
export function situation({ open, paused, frame, asked }) {
  if (!open) return "idle";
  if (paused) return "paused";
  if (frame?.offset_ms >= 0) return "playing";
  if (/\bleft\b.*\bright\b.*\?/i.test(asked)) return "leg";
  return asked.includes("?") ? "asked" : "waiting";
}

/** What an answer asks last. */
export function question(answer) {
  const last = answer.frames.at(-1);
  return last?.offset_ms < 0 ? last.text : "";
}

/** Whether an answer is that of a pause. */
export function isPause(answer) {
  return answer.heard?.intent === "AMAZON.PauseIntent" && answer.frames.every((frame) => frame.offset_ms < 0);
}
