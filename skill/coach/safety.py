"""Turns about pain and red flags. Let go first, ask afterwards; take the stricter advice."""

from skill.coach.answers import ask, carry_on, end, let_go, raise_alarm
from skill.coach.events import Pain, RedFlag
from skill.coach.moment import Moment, Turn
from skill.coach.state import Question
from skill.routine.playback import from_cue_start, next_stretch, pause_at, stretch_start

EMERGENCY, SAME_DAY, UNCLEAR = 1, 2, 0
STOP_STRETCH, EASE_OFF = 3, 4


def pain(event: Pain, m: Moment) -> Turn:
    """Out of the stretch at once, unless it is only a mild pull; then ask.

    Words that were taken for pain but mean none we know are asked about, with the clock stopped.
    """
    if event.kind is None:
        return ask(m, Question.HURTS)
    tier = m.coach.content.safety.pains.get(event.kind, STOP_STRETCH)
    if tier == EASE_OFF:
        return carry_on(m, m.line("ease_off"))
    release = let_go(m)
    if not m.playback.begun:
        return ask(m, Question.AFTER_PAIN, m.line("pain_before"))
    here = from_cue_start(m.timeline, m.playback.position)
    begun = m.stretch is not None and here != stretch_start(m.timeline, m.stretch.id)
    usual = m.changed(visit_leg=None, wish=False, cleared=m.state.still_cleared)
    here = from_cue_start(usual.timeline, usual.playback.position)
    beyond = next_stretch(usual.timeline, here) if begun else here
    skipped = usual.changed(playback=pause_at(beyond))
    leave = m.line("leave_this_one") if begun else ""
    return ask(skipped, Question.AFTER_PAIN, m.line("let_go_slowly"), release, "[3s]", leave)


def red_flag(event: RedFlag, m: Moment) -> Turn:
    """Say what to do, end, and offer no restart; ask where the words mean no sign we know."""
    if event.sign is None:
        return ask(m, Question.SAFETY, let_go(m))
    tier = m.coach.content.safety.signs.get(event.sign, EMERGENCY)
    if tier == UNCLEAR:
        return ask(m, Question.NUMB_WHERE, let_go(m))
    return emergency(m) if tier == EMERGENCY else same_day(m)


def emergency(m: Moment) -> Turn:
    """Help is needed now."""
    return raise_alarm(m, let_go(m), m.line("emergency"))


def same_day(m: Moment) -> Turn:
    """A medical check is needed today."""
    return raise_alarm(m, let_go(m), m.line("same_day"))


def after_pain_no(m: Moment) -> Turn:
    """It has not eased: enough for today."""
    place = m.line("place_kept" if m.kept else "place_not_kept") if m.playback.begun else ""
    return end(m, m.line("not_eased"), place)
