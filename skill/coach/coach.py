"""The coach: every event it knows, and the turn that answers it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from skill.coach import choices, events, lifecycle, navigation, playing, progress, questions, safety, streams
from skill.coach.answers import ask
from skill.coach.events import Ending, Event
from skill.coach.moment import Moment, Turn
from skill.coach.state import Question, State
from skill.routine.pace import after_answer, after_silence
from skill.routine.playback import PlaybackState, pause_at, run_out, settle
from skill.routine.units import EpochMs

TURNS: dict[type[Event], Callable[[Any, Moment], Turn]] = {
    events.Launch: lifecycle.launch,
    events.SessionEnded: lifecycle.session_ended,
    events.Stop: lifecycle.stop,
    events.Home: lifecycle.home,
    events.Help: lifecycle.help_me,
    events.NotUnderstood: lifecycle.not_understood,
    events.ForgetMe: lifecycle.forget_me,
    events.NotForgotten: lifecycle.not_forgotten,
    events.KeepMyData: lifecycle.not_understood,
    events.Yes: questions.yes,
    events.No: questions.no,
    events.StartRoutine: playing.start_routine,
    events.StartOver: playing.start_over,
    events.Next: playing.go_next,
    events.Previous: playing.go_back,
    events.Repeat: playing.repeat,
    events.Pause: playing.pause,
    events.Resume: playing.resume,
    events.Ready: playing.ready,
    events.LoopOrShuffle: playing.loop_or_shuffle,
    events.GoTo: navigation.go_to,
    events.HowTo: navigation.how_to,
    events.Why: navigation.why,
    events.ListStretches: navigation.list_stretches,
    events.TimeLeft: navigation.tell_time_left,
    events.WhereAmI: navigation.where_am_i,
    events.Progress: progress.tell_progress,
    events.SetHold: choices.set_hold,
    events.ChangeHold: choices.change_hold,
    events.SetRepetitions: choices.set_repetitions,
    events.ChangeRepetitions: choices.change_repetitions,
    events.ChangePace: choices.change_pace,
    events.ChangeTalk: choices.change_talk,
    events.ChooseFlow: choices.choose_flow,
    events.ChooseGuide: choices.choose_guide,
    events.ChooseLeg: choices.choose_leg,
    events.Pain: safety.pain,
    events.RedFlag: safety.red_flag,
}

_PLAYING = (
    events.StartRoutine,
    events.StartOver,
    events.Next,
    events.Previous,
    events.Resume,
    events.Ready,
    events.GoTo,
    events.Pause,
    events.ChooseGuide,
)
"""Wishes that must not jump over a question about safety."""

_WISHES = (events.StartRoutine, events.StartOver, events.GoTo, events.ChooseGuide)

_ABOUT_FORGETTING = (
    events.ForgetMe,
    events.NotForgotten,
    events.Yes,
    events.No,
    events.NotUnderstood,
    events.Help,
    events.Repeat,
)
"""What answers the question whether to delete, or has it asked again. Anything else is taken for a no."""

_FORGOTTEN_AFTER_MS = 120_000
"""So long after it was asked, nobody remembers what a yes would delete."""

_LEAVING = (events.SessionEnded, events.Stop, events.Home, events.Launch)

_EARLY = {events.Yes: 0.3, events.No: 0.3, events.Ready: 0.1}
"""Said this little before the closing prompt is due, as a share of the passage's speech, it answers that.

The voice may be faster than we think. In the middle of a passage there is nothing to say yes to,
but there is a lot to be ready for.
"""


def respond(event: Event, m: Moment) -> Turn:
    """Answer `event`. The state of the moment is as the last turn left it; time has passed since."""
    if isinstance(event, events.StreamChanged):
        return _followed(m, streams.stream_changed(event, m))
    if isinstance(event, events.SessionEnded) and streams.is_live(m):
        return _followed(m, streams.session_ended(event, m))
    settled = _settled(event, _learned(event, _corrected(streams.caught_up(m))))
    heard = progress.counted(m, settled)
    if not isinstance(event, events.NotUnderstood):
        heard = heard.changed(misses=0)
    if heard.state.question is Question.FORGET:
        event, heard = _about_forgetting(event, heard)
    event = _in_answer(event, heard.state)
    question = heard.state.question
    if question and _steps_over(event, heard.state):
        return _counted(ask(heard, question))
    return _counted(TURNS[type(event)](event, heard))


def _about_forgetting(event: Event, m: Moment) -> tuple[Event, Moment]:
    """What `event` means to the question whether to delete, and the moment it is said in.

    "Keep it" may be heard as "go on". What is no answer is said as though nothing had been asked:
    what the question interrupted goes on after it.
    """
    if _is_long_over(m):
        return event, m.changed(question=None, wish=False)
    if isinstance(event, events.Resume | events.KeepMyData):
        return events.No(), m
    if isinstance(event, _ABOUT_FORGETTING):
        return event, m
    if isinstance(event, _LEAVING):
        return event, m.changed(question=None, wish=False)
    before = questions.no(events.No(), m).state
    asked = None if before.playback.state is PlaybackState.PLAYING else before.question
    return event, m.changed(playback=before.playback, question=asked, wish=before.wish)


def _is_long_over(m: Moment) -> bool:
    """Whether nobody has been listening for a while: a terminal has no session that ends."""
    sounding = m.state.sounding
    if sounding is None:
        return True
    heard = sounding.speech + sounding.silence + sounding.reprompt
    return m.now > sounding.left_at + m.delay + heard + _FORGOTTEN_AFTER_MS


def _in_answer(event: Event, state: State) -> Event:
    """`event` as the question makes it meant: "the left one hurts" tells which leg is sore."""
    if state.question is Question.LEG and isinstance(event, events.Pain) and event.leg:
        return events.ChooseLeg(event.leg)
    return event


def _steps_over(event: Event, state: State) -> bool:
    """Whether `event` would jump over an open question about safety or pain.

    Before the all-clear, a wish to play may be told: it is kept until the answer.
    """
    question = state.question
    if not question or not question.comes_first:
        return False
    if isinstance(event, events.ChooseLeg):
        return question not in (Question.BOTH_NEW, Question.BOTH_CHECKED)
    return isinstance(event, _PLAYING) and (state.cleared or not isinstance(event, _WISHES))


def _followed(before: Moment, turn: Turn) -> Turn:
    """`turn`, which follows a stream, with what was finished in it."""
    after = progress.counted(before, replace(before, state=turn.state))
    return Turn(after.state, turn.reply)


def _counted(turn: Turn) -> Turn:
    if turn.reply.forgets:
        return turn
    return Turn(replace(turn.state, turn=turn.state.turn + 1), turn.reply)


def _corrected(m: Moment) -> Moment:
    """The moment with the passage begun when the device says it did."""
    since = EpochMs(m.playback.since + m.late_ms)
    return m.changed(playback=replace(m.playback, since=since))


def _learned(event: Event, m: Moment) -> Moment:
    """The moment with what it tells of the pace of the voice."""
    pace, sounding = m.state.pace, m.state.sounding
    if sounding and m.playback.state is PlaybackState.PLAYING:
        if event == events.SessionEnded(Ending.UNANSWERED):
            pace = after_silence(pace, sounding, m.now, m.delay)
        elif _answers_prompt(event, m):
            pace = after_answer(pace, sounding, m.now, m.delay)
    return m.changed(pace=pace)


def _settled(event: Event, m: Moment) -> Moment:
    """The moment with the place as it is now. A question not yet heard is not yet asked."""
    playback, timeline = m.playback, m.timeline
    playing = playback.state is PlaybackState.PLAYING
    if playing and event == events.SessionEnded(Ending.NOT_PLAYED):
        return m.changed(playback=pause_at(playback.position))
    over = event == events.SessionEnded(Ending.UNANSWERED)
    if playing and (over or _answers_prompt(event, m)):
        return m.changed(playback=run_out(playback, timeline))
    now = settle(playback, timeline, m.now)
    early = now.state is PlaybackState.PLAYING
    return m.changed(playback=now, question=None if early else m.state.question)


def _answers_prompt(event: Event, m: Moment) -> bool:
    """Whether `event` answers the closing prompt of the passage that is playing, by our reckoning."""
    sounding, share = m.state.sounding, _EARLY.get(type(event))
    if share is None or not sounding:
        return False
    now = settle(m.playback, m.timeline, m.now)
    if now.state is not PlaybackState.PLAYING:
        return True
    return m.timeline.left(now.position, m.playback.end) <= share * sounding.speech
