"""Turns that change a setting: holds, repetitions, pace, talk, leg and flow."""

from dataclasses import replace

from skill.coach.answers import ask, begin, carry_on
from skill.coach.events import (
    Change,
    ChangeHold,
    ChangePace,
    ChangeRepetitions,
    ChangeTalk,
    ChooseFlow,
    ChooseGuide,
    ChooseLeg,
    SetHold,
    SetRepetitions,
)
from skill.coach.moment import Moment, Turn
from skill.coach.playing import pick_up
from skill.coach.state import Question
from skill.routine.playback import PlaybackState, from_cue_start, stretch_start
from skill.routine.settings import Guide, Leg, Pace, Talk
from skill.routine.stretch import Range, Sides, Stretch
from skill.routine.timeline import Position
from skill.routine.voice import RecordedVoice


def set_hold(event: SetHold, m: Moment) -> Turn:
    """So many seconds, in this stretch; before the first, in every stretch that allows it."""
    if event.seconds is None:
        return carry_on(m, m.line("which_hold"))
    if stretch := m.stretch:
        return _hold(m, stretch, event.seconds)
    allowing = [s for s in m.coach.routine.stretches if event.seconds in s.dose.hold_s]
    if not allowing:
        ranges = [s.dose.hold_s for s in m.coach.routine.stretches]
        widest = Range(0, min(r.least for r in ranges), max(r.most for r in ranges))
        return carry_on(m, _out_of_range(m, "hold_range_all", widest, None))
    settings = m.state.settings
    for stretch in allowing:
        settings = settings.with_hold(stretch, event.seconds)
    words = m.coach.content.words
    names = words.listed(tuple(stretch.name for stretch in allowing))
    count = words.number(event.seconds)
    return carry_on(m.changed(settings=settings), m.line("hold_set", stretch=names, seconds=count))


def change_hold(event: ChangeHold, m: Moment) -> Turn:
    """A step longer or shorter, in this stretch or the first."""
    if event.change is None:
        return carry_on(m, m.line("which_hold"))
    stretch = m.stretch or m.coach.routine.stretches[0]
    allowed = stretch.dose.hold_s
    step = _step(allowed) if event.change is Change.UP else -_step(allowed)
    now = m.settings.hold_s(stretch)
    wanted = allowed.clamp(now + step)
    if wanted == now:
        return carry_on(m, _out_of_range(m, "hold_range", allowed, stretch))
    return _hold(m, stretch, wanted)


def set_repetitions(event: SetRepetitions, m: Moment) -> Turn:
    """So many repetitions, in this stretch or the one that is counted."""
    if event.count is None:
        return carry_on(m, m.line("which_count"))
    return _repetitions(m, _counted(m), event.count)


def change_repetitions(event: ChangeRepetitions, m: Moment) -> Turn:
    """One more or one fewer, in this stretch or the one that is counted."""
    if event.change is None:
        return carry_on(m, m.line("which_count"))
    stretch = _counted(m)
    step = 1 if event.change is Change.UP else -1
    return _repetitions(m, stretch, m.settings.repetitions_of(stretch) + step)


def change_pace(event: ChangePace, m: Moment) -> Turn:
    """Slower, or back to normal."""
    wanted = Pace.SLOW if event.change is Change.DOWN else Pace.NORMAL
    if wanted is m.state.settings.pace:
        return carry_on(m, _already(event, m))
    changed = m.changed(settings=replace(m.state.settings, pace=wanted))
    return carry_on(changed, m.line("slower" if wanted is Pace.SLOW else "normal_pace"))


def _already(event: ChangePace, m: Moment) -> str:
    if event.change is None:
        return m.line("normal_already")
    return m.line("slow_already" if event.change is Change.DOWN else "fast_already")


def change_talk(event: ChangeTalk, m: Moment) -> Turn:
    """More explaining, or less."""
    if event.change is None:
        return carry_on(m, m.line("which_talk"))
    wanted = Talk.FULL if event.change is Change.UP else Talk.BRIEF
    changed = m.changed(settings=replace(m.state.settings, talk=wanted))
    return carry_on(changed, m.line("talk_more" if wanted is Talk.FULL else "talk_less"))


def choose_flow(event: ChooseFlow, m: Moment) -> Turn:
    """Where to stop and wait."""
    if event.flow is None:
        return carry_on(m, m.line("which_flow"))
    changed = m.changed(settings=replace(m.state.settings, flow=event.flow))
    return carry_on(changed, m.line(f"flow_{event.flow}"))


def choose_guide(event: ChooseGuide, m: Moment) -> Turn:
    """The coach's own voice, or the recorded one: that plays at once, from the place or the start."""
    chosen = m.changed(settings=replace(m.state.settings, guide=event.guide))
    if event.guide is Guide.SPOKEN:
        return carry_on(chosen, m.line("spoken_voice"))
    if not isinstance(chosen.voice, RecordedVoice):
        return carry_on(m, m.line("not_recorded"))
    match chosen.playback.state:
        case PlaybackState.PLAYING:
            here = from_cue_start(chosen.timeline, chosen.playback.position)
            return begin(chosen, here, m.line("recorded_voice"))
        case PlaybackState.PAUSED:
            return pick_up(chosen, m.line("recorded_voice"))
        case PlaybackState.WAITING:
            return begin(chosen, chosen.playback.position, m.line("recorded_voice"))
    return begin(chosen.changed(visit_leg=None), Position(0), m.line("recorded_voice"))


def choose_leg(event: ChooseLeg, m: Moment) -> Turn:
    """The sore leg: go on with what waited for it, and begin its stretch again if in it.

    Both is no ordinary answer: ask about that first.
    """
    if event.leg is None:
        return carry_on(m, m.line("which_leg"))
    if event.leg is Leg.BOTH:
        return ask(m, Question.BOTH_NEW)
    stretch, known = m.stretch, m.settings.leg
    changed = m.changed(settings=m.state.settings.with_leg(event.leg), visit_leg=None)
    said = changed.line("leg_set", side=m.coach.content.words.side(event.leg.sides[0]))
    asked = m.state.question is Question.LEG and m.playback.begun
    if asked or m.state.wish:
        return begin(changed, changed.playback.position, said)
    at_leg = stretch is not None and stretch.dose.sides is Sides.CHOSEN_LEG
    if stretch and at_leg and known is not event.leg and m.playback.state is PlaybackState.PLAYING:
        return begin(changed, stretch_start(changed.timeline, stretch.id), said)
    return carry_on(changed, said)


def _hold(m: Moment, stretch: Stretch, hold_s: int) -> Turn:
    allowed = stretch.dose.hold_s
    if hold_s not in allowed:
        return carry_on(m, _out_of_range(m, "hold_range", allowed, stretch))
    changed = m.changed(settings=m.state.settings.with_hold(stretch, hold_s))
    count = m.coach.content.words.number(hold_s)
    return carry_on(changed, m.line("hold_set", stretch=stretch.name, seconds=count))


def _repetitions(m: Moment, stretch: Stretch, count: int) -> Turn:
    allowed = stretch.dose.repetitions
    if count not in allowed:
        return carry_on(m, _out_of_range(m, "count_range", allowed, stretch))
    changed = m.changed(settings=m.state.settings.with_repetitions(stretch, count))
    key = "count_set_one" if count == 1 else "count_set"
    number = m.coach.content.words.number(count)
    return carry_on(changed, m.line(key, stretch=stretch.name, count=number))


def _counted(m: Moment) -> Stretch:
    """The stretch whose repetitions are meant: this one, else the one with the most of them."""
    most = max(m.coach.routine.stretches, key=lambda stretch: stretch.dose.repetitions.most)
    return m.stretch or most


def _step(allowed: Range) -> int:
    return 5 if allowed.most - allowed.least >= 10 else 1


def _out_of_range(m: Moment, key: str, allowed: Range, stretch: Stretch | None) -> str:
    words = m.coach.content.words
    return m.line(
        key,
        stretch=stretch.name if stretch else "",
        least=words.number(allowed.least),
        most=words.number(allowed.most),
    )
