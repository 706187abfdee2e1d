"""Progress: what a person has done, counted from turn to turn, and told."""

from datetime import date, timedelta

from skill.coach.answers import carry_on
from skill.coach.events import Progress
from skill.coach.moment import Moment, Turn
from skill.coach.streams import is_live
from skill.routine.history import added, day_of, totals
from skill.routine.holds import finished_holds
from skill.routine.playback import PlaybackState
from skill.routine.units import EpochMs

_DAYS_TOLD = 7
"""Days that are told of, today among them."""


def counted(before: Moment, after: Moment) -> Moment:
    """`after` with the holds that were finished since `before`. Its plan is the same: only time has passed.

    What plays on another device is counted there.
    """
    if before.elsewhere:
        return after
    holds = finished_holds(after.timeline, before.playback.position.index, after.playback.position.index)
    if not holds:
        return after
    return after.changed(did=added(after.state.did, {str(day_of(_heard_by(before, after))): holds}))


def _heard_by(before: Moment, after: Moment) -> EpochMs:
    """When it had sounded: long ago, where nobody has spoken since. Of a stream the device tells at once."""
    if before.playback.state is not PlaybackState.PLAYING or is_live(before):
        return after.now
    start, stop = (after.timeline.offset(m.playback.position) for m in (before, after))
    return EpochMs(min(before.playback.since + stop - start, after.now))


def told_since(now: EpochMs) -> date:
    """The first of the days that are told of."""
    return day_of(now) - timedelta(days=_DAYS_TOLD - 1)


def tell_progress(_: Progress, m: Moment) -> Turn:
    """How many holds were finished in the last days, and on how many of them. Days are those of Greenwich."""
    if m.history is None:
        return carry_on(m, m.line("did_unknown"))
    days = totals(added(m.history, m.state.did), told_since(m.now), day_of(m.now))
    if not days:
        return carry_on(m, m.line("did_nothing"))
    words = m.coach.content.words
    told = m.line("did", whole=words.holds_counted(sum(days)), days=words.number(len(days)))
    return carry_on(m, told)
