"""Turns that answer a question: yes and no, and what is taken for one of them."""

from collections.abc import Callable
from dataclasses import replace

from skill.coach.answers import ask, begin, carry_on, end, hold_still
from skill.coach.events import No, Pain, StartRoutine, Yes
from skill.coach.moment import Moment, Turn
from skill.coach.navigation import first_stretch
from skill.coach.playing import go_on, pick_up, start_routine, use_safe_leg
from skill.coach.safety import after_pain_no, emergency, pain, same_day
from skill.coach.state import Question, State
from skill.routine.cue import Step
from skill.routine.playback import PlaybackState
from skill.routine.settings import Leg


def yes(_: Yes, m: Moment) -> Turn:
    """Yes to what was asked; to nothing, "go on"."""
    question = m.state.question
    return _ON_YES[question](m) if question else carry_on(m)


def no(_: No, m: Moment) -> Turn:
    """No to what was asked; to nothing, "go on"."""
    question = m.state.question
    return _ON_NO[question](m) if question else carry_on(m)


def offer(m: Moment, *lead: str) -> Turn:
    """Ask what comes first: the paused place, or the routine."""
    if m.playback.begun and (cue := m.cue) and cue.step not in (Step.ARRIVE, Step.LEAVE):
        return ask(m, Question.PICK_UP, *lead)
    return ask(m, Question.START, *lead)


def forget_unanswered(m: Moment) -> Turn:
    """Delete nothing, and wait: nobody said that anything is to go on."""
    kept, said = m.changed(question=None, wish=False), m.line("missed_forget")
    interrupted = m.playback.state in (PlaybackState.PAUSED, PlaybackState.WAITING)
    if interrupted and m.state.cleared and not m.streaming:
        return hold_still(kept, said, m.line("take_your_time"))
    return _back_to_before(kept, said)


def _go_on(m: Moment) -> Turn:
    match m.playback.state:
        case PlaybackState.PAUSED:
            return pick_up(m)
        case PlaybackState.WAITING:
            return go_on(m)
    return carry_on(m)


def _start(m: Moment) -> Turn:
    return start_routine(StartRoutine(), m)


def _cleared(m: Moment) -> Turn:
    """No red flags: on with what was wished, or an offer."""
    cleared = m.changed(cleared=True, question=None)
    if m.state.wish:
        return begin(cleared, cleared.playback.position, m.line("thank_you"))
    return offer(cleared, m.line("thank_you"))


def _both_allowed(m: Moment) -> Turn:
    chosen = m.changed(settings=m.state.settings.with_leg(Leg.BOTH), visit_leg=None, question=None)
    return _on_from_question(chosen, m.line("leg_both"))


def _wait(m: Moment) -> Turn:
    return hold_still(m, m.line("take_your_time"))


def _start_instead(m: Moment) -> Turn:
    return ask(m, Question.START)


def _goodbye(m: Moment) -> Turn:
    return end(m, m.line("goodbye"))


def _resume_resting(m: Moment) -> Turn:
    return _on_from_question(m.changed(question=None), m.line("go_gently"))


def _ask_new(m: Moment) -> Turn:
    return ask(m, Question.NUMB_NEW)


def _ask_checked(m: Moment) -> Turn:
    return ask(m, Question.BOTH_CHECKED)


def _after_pain_yes(m: Moment) -> Turn:
    if m.playback.begun:
        return pick_up(m)
    return ask(m, Question.START)


def _on_from_question(m: Moment, *lead: str) -> Turn:
    """A question about safety stopped the clock, and is answered: on from there."""
    return pick_up(m, *lead) if m.playback.begun else carry_on(m, *lead)


def _hurts(m: Moment) -> Turn:
    return pain(Pain(), m)


def _hurts_not(m: Moment) -> Turn:
    return _on_from_question(m.changed(question=None))


def _forget(m: Moment) -> Turn:
    """As though the person had never been here, but for the pace of the goodbye."""
    stranger = replace(m, state=State(m.state.settings))
    return Turn(State(), replace(end(stranger, stranger.line("forgotten")).reply, forgets=True))


def _forget_not(m: Moment) -> Turn:
    return _back_to_before(m.changed(question=None), m.line("nothing_forgotten"))


def _back_to_before(m: Moment, said: str) -> Turn:
    """On as before: what played plays on, what was paused or asked is offered or asked again."""
    if not m.playback.begun:
        return carry_on(m, said)
    if not m.state.cleared:
        return ask(m, Question.SAFETY, said)
    if m.state.wish:
        return pick_up(m, said)
    return offer(m, said) if m.playback.state is PlaybackState.PAUSED else carry_on(m, said)


_ON_YES: dict[Question, Callable[[Moment], Turn]] = {
    Question.SAFETY: emergency,
    Question.NUMB_WHERE: emergency,
    Question.NUMB_NEW: same_day,
    Question.BOTH_NEW: emergency,
    Question.BOTH_CHECKED: _both_allowed,
    Question.STRETCH: first_stretch,
    Question.HURTS: _hurts,
    Question.LEG: use_safe_leg,
    Question.AFTER_PAIN: _after_pain_yes,
    Question.GO_ON: _go_on,
    Question.PICK_UP: _go_on,
    Question.START: _start,
    Question.ANYTHING_ELSE: _start_instead,
    Question.FORGET: _forget,
}

_ON_NO: dict[Question, Callable[[Moment], Turn]] = {
    Question.SAFETY: _cleared,
    Question.NUMB_WHERE: _ask_new,
    Question.NUMB_NEW: _resume_resting,
    Question.BOTH_NEW: _ask_checked,
    Question.BOTH_CHECKED: same_day,
    Question.STRETCH: _start_instead,
    Question.HURTS: _hurts_not,
    Question.LEG: use_safe_leg,
    Question.AFTER_PAIN: after_pain_no,
    Question.GO_ON: _wait,
    Question.PICK_UP: _start_instead,
    Question.START: _goodbye,
    Question.ANYTHING_ELSE: _goodbye,
    Question.FORGET: _forget_not,
}
