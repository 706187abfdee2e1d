"""Turns that go to a stretch or tell about one."""

from skill.coach.answers import ask, begin, carry_on
from skill.coach.events import GoTo, HowTo, ListStretches, TimeLeft, WhereAmI, Why
from skill.coach.moment import Moment, Turn
from skill.coach.state import Question
from skill.routine.cue import Step
from skill.routine.passage import must_ask_leg
from skill.routine.playback import PlaybackState, next_stretch, stretch_start, time_left
from skill.routine.settings import Leg
from skill.routine.stretch import Sides, Stretch
from skill.routine.units import Side


def go_to(event: GoTo, m: Moment) -> Turn:
    """A stretch by name, and a side of it if one was named."""
    if event.stretch is None:
        return carry_on(m, m.line("unknown_stretch", stretches=_all(m)))
    if not event.stretch:
        return ask(m, Question.STRETCH, m.line("unknown_stretch", stretches=_all(m)))
    stretch = m.coach.routine.stretch(event.stretch)
    if stretch.dose.sides is Sides.CHOSEN_LEG:
        return _to_leg(m, stretch, event.leg)
    there = m.changed(visit_leg=None)
    side = Side(event.leg) if event.leg in (Leg.LEFT, Leg.RIGHT) else None
    if side is None or stretch.dose.sides is Sides.NONE:
        return begin(there, stretch_start(there.timeline, stretch.id), m.line("moving_on"))
    return _to_side(there, stretch, side)


def first_stretch(m: Moment) -> Turn:
    """A stretch was asked for once; take the first and say so."""
    first = m.coach.routine.stretches[0]
    said = m.line("stretch_assumed", stretch=first.name)
    return begin(m, stretch_start(m.timeline, first.id), said)


def _to_leg(m: Moment, stretch: Stretch, leg: Leg | None) -> Turn:
    """A stretch done on the chosen leg: the leg named is for this visit, or the first one told."""
    if leg is None:
        there = m.changed(visit_leg=None)
    elif must_ask_leg(m.timeline, stretch.id):
        there = m.changed(settings=m.state.settings.with_leg(leg), visit_leg=None)
    else:
        there = m.changed(visit_leg=leg)
    return begin(there, stretch_start(there.timeline, stretch.id), m.line("moving_on"))


def _to_side(m: Moment, stretch: Stretch, side: Side) -> Turn:
    """One side of a stretch; what was set up for the first side is said before the second."""
    cues = m.timeline.plan.cues
    position = stretch_start(m.timeline, stretch.id, side)
    lead = [m.line("moving_on")]
    if cues[position.index].step is not Step.TITLE:
        first = stretch_start(m.timeline, stretch.id)
        opening = [c for c in cues[first.index :] if c.stretch == stretch.id]
        for cue in opening:
            if cue.step not in (Step.TITLE, Step.SETUP):
                break
            lead.append(cue.text or f"[{(cue.duration or 0) / 1000:g}s]")
    return begin(m, position, *lead)


def list_stretches(_: ListStretches, m: Moment) -> Turn:
    """All of them, in order."""
    count = m.coach.content.words.number(len(m.coach.routine.stretches))
    return carry_on(m, m.line("stretches", count=count, stretches=_all(m)))


def how_to(event: HowTo, m: Moment) -> Turn:
    """How a stretch is done: this one, unless another was named."""
    stretch = _asked(event.stretch, m)
    if stretch is None:
        return carry_on(m, m.line("unknown_stretch", stretches=_all(m)))
    return carry_on(m, m.line("about", stretch=stretch.name), m.region_text(stretch.how))


def why(event: Why, m: Moment) -> Turn:
    """What a stretch is for: this one, unless another was named."""
    stretch = _asked(event.stretch, m)
    if stretch is None:
        return carry_on(m, m.line("unknown_stretch", stretches=_all(m)))
    return carry_on(m, m.line("about", stretch=stretch.name), m.region_text(stretch.why))


def tell_time_left(_: TimeLeft, m: Moment) -> Turn:
    """What is left of this hold, this stretch and the routine."""
    if m.playback.state is PlaybackState.FINISHED:
        return carry_on(m, m.line("all_done"))
    length = m.coach.content.words.length
    if m.playback.state is PlaybackState.IDLE:
        return carry_on(m, m.line("takes", whole=length(m.timeline.length)))
    hold, stretch, whole = time_left(m.timeline, m.playback.position)
    if hold:
        spoken = {"hold": length(hold), "stretch": length(stretch), "whole": length(whole)}
        return carry_on(m, m.line("left_in_hold", **spoken))
    if stretch and m.playback.state is not PlaybackState.WAITING:
        spoken = {"stretch": length(stretch), "whole": length(whole)}
        return carry_on(m, m.line("left_in_stretch", **spoken))
    return carry_on(m, m.line("left_in_routine", whole=length(whole)))


def where_am_i(_: WhereAmI, m: Moment) -> Turn:
    """This stretch, its side and repetition, and what comes next."""
    match m.playback.state:
        case PlaybackState.IDLE:
            return carry_on(m, m.line("not_started"))
        case PlaybackState.FINISHED:
            return carry_on(m, m.line("all_done"))
    cue, stretch = m.cue, m.stretch
    if not cue or not stretch:
        key = "here_down" if cue and cue.step is Step.ARRIVE else "here_up"
        return carry_on(m, m.line(key, next=_next_name(m)))
    key = "here_next" if m.playback.state is PlaybackState.WAITING else "here_now"
    counted, words = m.settings.repetitions_of(stretch), m.coach.content.words
    which = (
        m.line("repetition", count=words.number(cue.repetition), of=words.number(counted))
        if counted > 1 and cue.repetition
        else ""
    )
    return carry_on(m, m.line(key, here=m.here()), which, _after_this(m))


def _after_this(m: Moment) -> str:
    name = _next_name(m)
    return m.line("next_is", next=name) if name else m.line("last_one")


def _next_name(m: Moment) -> str:
    ahead = m.timeline.cue(next_stretch(m.timeline, m.playback.position))
    return m.coach.routine.stretch(ahead.stretch).name if ahead and ahead.stretch else ""


def _asked(stretch_id: str | None, m: Moment) -> Stretch | None:
    """The stretch asked about; the current one, or else the first, where none was named."""
    if stretch_id is None:
        return None
    routine = m.coach.routine
    return routine.stretch(stretch_id) if stretch_id else m.stretch or routine.stretches[0]


def _all(m: Moment) -> str:
    names = tuple(f"the {stretch.name}" for stretch in m.coach.routine.stretches)
    return m.coach.content.words.listed(names)
