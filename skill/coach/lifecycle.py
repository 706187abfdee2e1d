"""Turns about the session itself: launch, help, stop, home, the end, and what was not understood."""

from dataclasses import replace

from skill.coach.answers import ask, carry_on, end, hold_still, let_go
from skill.coach.events import (
    ForgetMe,
    Help,
    Home,
    KeepMyData,
    Launch,
    No,
    NotForgotten,
    NotUnderstood,
    SessionEnded,
    Stop,
    Yes,
)
from skill.coach.moment import Moment, Turn
from skill.coach.questions import forget_unanswered, no, offer, yes
from skill.coach.reply import Reply
from skill.coach.situation import situation
from skill.coach.state import Question
from skill.routine.playback import PlaybackState

_NO_ANSWER_MEANS_YES = (
    Question.SAFETY,
    Question.NUMB_WHERE,
    Question.NUMB_NEW,
    Question.BOTH_NEW,
    Question.HURTS,
)


def launch(_: Launch, m: Moment) -> Turn:
    """Greet; offer a paused place by name, or the routine; the first time, the safety line."""
    here = m.changed(playback=m.paused)
    if not m.state.still_cleared:
        unsure = here.changed(cleared=False)
        return ask(unsure, Question.SAFETY, m.line("welcome"), m.line("safety"))
    return offer(here, m.line("welcome_back"))


def session_ended(event: SessionEnded, m: Moment) -> Turn:
    """Keep the place; nothing can be said."""
    cleared = m.state.still_cleared
    state = replace(m.state, playback=m.paused, question=None, wish=False, cleared=cleared, misses=0)
    return Turn(state, Reply())


def stop(_: Stop, m: Moment) -> Turn:
    """At once: let go, keep the place, end."""
    if not m.playback.begun:
        return end(m, m.line("goodbye"))
    return end(m, let_go(m), m.line("stopped" if m.kept else "stopped_not_kept"))


def home(_: Home, m: Moment) -> Turn:
    """Leave without a word, and keep the place."""
    return end(m)


def help_me(_: Help, m: Moment) -> Turn:
    """What can be said here."""
    examples = m.coach.content.help[situation(m)]
    return carry_on(m, m.line("help", examples=m.coach.content.words.listed(examples)))


def forget_me(_: ForgetMe, m: Moment) -> Turn:
    """Let go, and ask before anything is deleted.

    What it interrupts goes on at a no. A question about safety or pain that it steps over was not
    answered: the safety question comes before any more stretching.
    """
    release, question = let_go(m), m.state.question
    stepped_over = question is not None and question.comes_first
    playing = m.playback.state is PlaybackState.PLAYING
    asked = m.changed(cleared=m.state.cleared and not stepped_over, wish=m.state.wish or playing)
    return ask(asked, Question.FORGET, release, "[3s]" if release else "", m.line("forgetting"))


def not_forgotten(_: NotForgotten, m: Moment) -> Turn:
    """Say so; what is not deleted goes on from the same place."""
    return end(m, m.line("not_forgotten"))


def not_understood(_: NotUnderstood | KeepMyData, m: Moment) -> Turn:
    """Answer without losing the place; at the second time, let go and wait."""
    misses = m.state.misses + 1
    missed = m.changed(misses=misses)
    if misses > 1 and m.state.question in _NO_ANSWER_MEANS_YES:
        if m.state.question is Question.SAFETY:
            return end(missed, m.line("no_session"))
        return yes(Yes(), missed)
    if misses > 1 and m.state.question is Question.BOTH_CHECKED:
        return no(No(), missed)
    if misses > 1 and m.state.question is Question.FORGET:
        return forget_unanswered(missed)
    if misses > 1 and m.state.question in (Question.LEG, Question.STRETCH):
        return yes(Yes(), missed)
    if misses > 1 and m.playback.state is PlaybackState.PLAYING:
        release = m.line("let_go_and_rest") if let_go(m) else ""
        return hold_still(missed, m.line("missed_twice"), release)
    return carry_on(missed, m.line("missed"))
