"""Captions: what is spoken and when, as WebVTT."""

from collections.abc import Iterator
from html import escape

from skill.routine.cue import Step
from skill.routine.timeline import Timeline


def webvtt(timeline: Timeline, from_ms: int = 0, most_bytes: int | None = None) -> str:
    """The captions of `timeline`, at its own times, without those that are over at `from_ms`.

    They end before the one that would make the text longer than `most_bytes`.
    """
    text = "WEBVTT\n"
    size = len(text)
    for caption in _captions(timeline, from_ms):
        size += len(caption.encode())
        if most_bytes is not None and size > most_bytes:
            break
        text += caption
    return text


def _captions(timeline: Timeline, from_ms: int) -> Iterator[str]:
    cues = timeline.plan.cues
    for index, cue in enumerate(cues):
        end = timeline.start(index + 1)
        if cue.text and end > from_ms:
            rings = cue.step is Step.RELEASE and index and cues[index - 1].step is Step.HOLDING
            start = timeline.start(index) + (timeline.voice.bell if rings else 0)
            yield f"\n{_time(start)} --> {_time(end)}\n{escape(cue.text, quote=False)}\n"


def _time(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
