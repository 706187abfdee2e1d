"""Situations: how `help.toml` sorts what a person can say."""

from skill.coach.moment import Moment
from skill.coach.state import Question
from skill.routine.playback import PlaybackState


def situation(m: Moment) -> str:
    """Where the person is: "asked", "leg", or the state of the playback."""
    return str(m.playback.state) if _plays(m) else then(m)


def then(m: Moment) -> str:
    """Where the person is once what plays is over."""
    question = m.state.question
    if question is Question.LEG:
        return "leg"
    if question and question not in _ABOUT_PLAYING:
        return "asked"
    if question is Question.ANYTHING_ELSE:
        return str(PlaybackState.FINISHED)
    return str(PlaybackState.WAITING if _plays(m) else m.playback.state)


def _plays(m: Moment) -> bool:
    return m.playback.state is PlaybackState.PLAYING


_ABOUT_PLAYING = {Question.GO_ON, Question.START, Question.ANYTHING_ELSE, Question.STRETCH}
