"""Progress: what a person has done, counted from turn to turn, and told."""

from collections import Counter
from dataclasses import replace

from skill.coach.answers import carry_on
from skill.coach.events import Progress
from skill.coach.moment import Moment, Turn
from skill.coach.streams import is_live
from skill.routine.holds import finished_holds
from skill.routine.playback import PlaybackState
from skill.routine.units import EpochDay, EpochMs, day_of

DAYS_TOLD = 7
"""Days that are told of, today among them."""


def counted(before: Moment, after: Moment) -> Moment:
    """`after` with the holds that were finished since `before`. Its plan is the same: only time has passed.

    What plays on another device is counted there.
    """
    start, stop = before.playback.position.index, after.playback.position.index
    holds = Counter[str]() if before.elsewhere else finished_holds(after.timeline, start, stop)
    if not holds:
        return after
    day = day_of(_heard_by(before, after))
    did = Counter(after.state.did) + Counter({(day, name): count for name, count in holds.items()})
    return replace(after, state=replace(after.state, did=dict(did)))


def _heard_by(before: Moment, after: Moment) -> EpochMs:
    """When it had sounded: long ago, where nobody has spoken since. Of a stream the device tells at once."""
    if before.playback.state is not PlaybackState.PLAYING or is_live(before):
        return after.now
    start, stop = (after.timeline.offset(m.playback.position) for m in (before, after))
    return EpochMs(min(before.playback.since + stop - start, after.now))


def tell_progress(_: Progress, m: Moment) -> Turn:
    """How many holds were finished in the last days, and on how many of them. Days are those of Greenwich."""
    if m.history is None:
        return carry_on(m, m.line("did_unknown"))
    today, days = day_of(m.now), Counter[EpochDay]()
    for (day, _name), count in (*m.history.items(), *m.state.did.items()):
        if today - DAYS_TOLD < day <= today:
            days[day] += count
    on, words = sum(count > 0 for count in days.values()), m.coach.content.words
    if not on:
        return carry_on(m, m.line("did_nothing"))
    told = m.line("did", whole=words.holds_counted(days.total()), days=words.number(on))
    return carry_on(m, told)
