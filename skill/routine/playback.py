"""Playback: where a person is in a routine, and the transitions between the states of that."""

from dataclasses import dataclass, replace
from enum import StrEnum

from skill.routine.cue import CueKind, Step
from skill.routine.passage import go_on_from
from skill.routine.timeline import Position, Timeline
from skill.routine.units import DurationMs, EpochMs, Side


class PlaybackState(StrEnum):
    """See Playback."""

    IDLE = "idle"
    PLAYING = "playing"
    WAITING = "waiting"
    PAUSED = "paused"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Playback:
    """Where a person is. No counter ticks: while playing, the place follows from `since` and the clock.

    ::

                   play                  the passage is over
        IDLE ────────────────► PLAYING ──────────────────────► WAITING
                               │  ▲  │                            │
                         pause │  │  │ the last one is over       │ play
                               ▼  │  ▼                            ▼
                           PAUSED─┘  FINISHED ── play ──► PLAYING ...

    position: IDLE: the start. PLAYING: where the passage began. WAITING: where the next one begins.
    PAUSED: where to resume. FINISHED: the end.
    end: the index of the cue before which the passage ends, or ended.
    since: when `position` sounds or sounded. PLAYING only.
    """

    state: PlaybackState = PlaybackState.IDLE
    position: Position = Position(0)
    end: int = 0
    since: EpochMs = EpochMs(0)

    @property
    def begun(self) -> bool:
        """Whether there is a place to come back to."""
        return self.state not in (PlaybackState.IDLE, PlaybackState.FINISHED)


def play(position: Position, end: int, since: EpochMs) -> Playback:
    """Playing from `position`, which sounds at `since`, up to the cue at `end`."""
    return Playback(PlaybackState.PLAYING, position, end, since)


def settle(playback: Playback, timeline: Timeline, now: EpochMs) -> Playback:
    """`playback` as it is at `now`: still playing, with `position` moved on, or waiting, or finished."""
    if playback.state is not PlaybackState.PLAYING:
        return playback
    gone = max(now - playback.since, 0)
    offset = timeline.offset(playback.position) + gone
    if offset >= timeline.start(playback.end):
        return run_out(playback, timeline)
    since = EpochMs(max(now, playback.since))
    return replace(playback, position=timeline.at(offset), since=since)


def run_out(playback: Playback, timeline: Timeline) -> Playback:
    """`playback` once its passage is over."""
    if playback.end >= len(timeline):
        return finish(timeline)
    return Playback(PlaybackState.WAITING, go_on_from(timeline, playback.end), playback.end)


def finish(timeline: Timeline) -> Playback:
    """After the last cue."""
    return Playback(PlaybackState.FINISHED, timeline.end, len(timeline))


def pause(playback: Playback, timeline: Timeline) -> Playback:
    """A settled `playback`, stopped."""
    if playback.state is not PlaybackState.PLAYING:
        return playback
    return pause_at(from_cue_start(timeline, playback.position))


def pause_at(position: Position) -> Playback:
    """Paused, to be resumed at `position`."""
    return Playback(PlaybackState.PAUSED, position, position.index)


def from_cue_start(timeline: Timeline, position: Position) -> Position:
    """`position`, moved to the start of its cue where that is speech.

    Inside a hold it stays: there the seconds count, and a cue cut short is left out.
    """
    cue = timeline.cue(position)
    speaking = cue is not None and cue.kind is CueKind.SPEECH and cue.step is not Step.HOLDING
    return Position(position.index) if speaking else position


def next_stretch(timeline: Timeline, position: Position) -> Position:
    """The start of the next stretch; after the last one, of the getting up; after that, the end."""
    cues, here = timeline.plan.cues, timeline.cue(position)
    if here is None or here.step is Step.LEAVE:
        return timeline.end
    later = range(position.index, len(cues))
    return Position(next((i for i in later if cues[i].stretch != here.stretch), timeline.end.index))


def previous_stretch(timeline: Timeline, position: Position) -> Position:
    """The start of the stretch before this one; on the first, its own start; on the way down, of that."""
    ids = [stretch.id for stretch in timeline.plan.routine.stretches]
    cue = timeline.cue(position)
    if cue is None or cue.step is Step.LEAVE:
        return stretch_start(timeline, ids[-1])
    if not cue.stretch:
        return Position(0)
    return stretch_start(timeline, ids[max(ids.index(cue.stretch) - 1, 0)])


def stretch_start(timeline: Timeline, stretch_id: str, side: Side | None = None) -> Position:
    """The first cue of a stretch, or of one side of it. Raises KeyError where there is none."""
    for i, cue in enumerate(timeline.plan.cues):
        if cue.stretch == stretch_id and side in (None, cue.side):
            return Position(i)
    raise KeyError(stretch_id, side)


def set_start(timeline: Timeline, position: Position) -> Position:
    """The first cue of the repetition around `position`."""
    cue = timeline.cue(position)
    if cue is None:
        return position
    cues, start = timeline.plan.cues, position.index
    while start and cues[start - 1].set_key == cue.set_key:
        start -= 1
    return Position(start)


def last_done(timeline: Timeline, end: int) -> Position:
    """The start of what the passage that ended at `end` finished: a side, or a whole stretch."""
    cue = timeline.plan.cues[min(end, len(timeline)) - 1]
    if not cue.stretch:
        return previous_stretch(timeline, timeline.end)
    mid_stretch = end < len(timeline) and timeline.plan.cues[end].stretch == cue.stretch
    return stretch_start(timeline, cue.stretch, cue.side if mid_stretch else None)


def time_left(timeline: Timeline, position: Position) -> tuple[DurationMs, DurationMs, DurationMs]:
    """What is left of the hold (0 outside one), of the stretch and of the routine."""
    cue = timeline.cue(position)
    whole = timeline.left(position, len(timeline))
    if cue is None:
        return DurationMs(0), DurationMs(0), whole
    in_hold = DurationMs((cue.hold or 0) - timeline.held(position) if cue.hold else 0)
    stretch_end = next_stretch(timeline, position).index if cue.stretch else position.index
    return in_hold, timeline.left(position, stretch_end), whole
