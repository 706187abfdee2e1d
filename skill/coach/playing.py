"""Turns about playing: next, previous, repeat, start over, pause, resume, ready, loop and shuffle."""

from skill.coach.answers import ask, begin, carry_on, hold_still, let_go, play_on, re_enter
from skill.coach.events import (
    LoopOrShuffle,
    Next,
    Pause,
    Previous,
    Ready,
    Repeat,
    Resume,
    StartOver,
    StartRoutine,
)
from skill.coach.moment import Moment, Turn
from skill.coach.state import Question
from skill.routine.cue import CueKind
from skill.routine.playback import (
    PlaybackState,
    finish,
    last_done,
    next_stretch,
    previous_stretch,
    run_out,
    set_start,
    stretch_start,
)
from skill.routine.settings import SAFE_LEG
from skill.routine.timeline import Position


def start_routine(_: StartRoutine, m: Moment) -> Turn:
    """From the first cue."""
    return begin(m.changed(visit_leg=None), Position(0), m.line("starting"))


def start_over(_: StartOver, m: Moment) -> Turn:
    """From the first cue, again."""
    return begin(m.changed(visit_leg=None), Position(0), m.line("from_the_top"))


def go_next(_: Next, m: Moment) -> Turn:
    """The next stretch; where one was just offered, that one; after the last, the end, once."""
    match m.playback.state:
        case PlaybackState.IDLE:
            return ask(m, Question.START, m.line("not_started"))
        case PlaybackState.FINISHED:
            return ask(m, Question.ANYTHING_ELSE, m.line("all_done"))
        case PlaybackState.WAITING:
            return go_on(m)
        case PlaybackState.PAUSED if _offered(m):
            return begin(m, m.playback.position)
    usual = m.changed(visit_leg=None)
    target = next_stretch(usual.timeline, usual.playback.position)
    if target == usual.timeline.end:
        finished = usual.changed(playback=finish(usual.timeline))
        return ask(finished, Question.ANYTHING_ELSE, m.line("all_done"))
    return begin(usual, target, m.line("moving_on"))


def _offered(m: Moment) -> bool:
    """Whether the person is at the start of a stretch that was offered, and not asked about its leg."""
    stretch, asked = m.stretch, m.state.question is Question.LEG
    start = stretch_start(m.timeline, stretch.id) if stretch else None
    return start == m.playback.position and not asked


def go_back(_: Previous, m: Moment) -> Turn:
    """The stretch before; on the first, its start."""
    if m.playback.state is PlaybackState.IDLE:
        return ask(m, Question.START, m.line("not_started"))
    usual = m.changed(visit_leg=None)
    target = previous_stretch(usual.timeline, usual.playback.position)
    return begin(usual, target, m.line("going_back"))


def repeat(_: Repeat, m: Moment) -> Turn:
    """This repetition again; after a stop, what was just done; while asked something, the question."""
    state, question = m.playback.state, m.state.question
    if question and question not in (Question.GO_ON, Question.ANYTHING_ELSE, Question.LEG):
        return ask(m, question)
    if state is PlaybackState.IDLE:
        return ask(m, Question.START, m.line("not_started"))
    if state in (PlaybackState.WAITING, PlaybackState.FINISHED):
        return begin(m, last_done(m.timeline, m.playback.end), m.line("once_more"))
    return begin(m, set_start(m.timeline, m.playback.position), m.line("once_more"))


def pause(_: Pause, m: Moment) -> Turn:
    """Stop the clock, and keep the session open for a while."""
    if not m.playback.begun:
        return carry_on(m, m.line("not_playing"))
    key = "paused" if m.playback.state is PlaybackState.PLAYING else "still_paused"
    return hold_still(m, m.line(key), m.line("let_go_and_rest") if let_go(m) else "")


def resume(_: Resume, m: Moment) -> Turn:
    """Back to the very hold and side."""
    match m.playback.state:
        case PlaybackState.PLAYING:
            return carry_on(m)
        case PlaybackState.PAUSED:
            return pick_up(m)
        case PlaybackState.WAITING:
            return go_on(m)
    return carry_on(m, m.line("nothing_to_resume"))


def ready(_: Ready, m: Moment) -> Turn:
    """Go on; in a silence for getting ready, skip the rest of it."""
    cue = m.cue
    if m.playback.state is PlaybackState.PLAYING and cue and cue.kind is CueKind.WAIT:
        beyond = m.playback.position.index + 1
        if beyond < m.playback.end:
            return play_on(m, Position(beyond))
        return resume(Resume(), m.changed(playback=run_out(m.playback, m.timeline)))
    if not m.playback.begun:
        return start_routine(StartRoutine(), m)
    return resume(Resume(), m)


def loop_or_shuffle(_: LoopOrShuffle, m: Moment) -> Turn:
    """A polite no."""
    return carry_on(m, m.line("no_loop"))


def pick_up(m: Moment, *lead: str) -> Turn:
    """Say `lead`, and play on from a pause, by way of a short re-entry."""
    return begin(m, m.playback.position, *lead, *re_enter(m))


def go_on(m: Moment) -> Turn:
    """Play what comes after a stop."""
    if m.state.question is Question.LEG:
        return use_safe_leg(m)
    return begin(m, m.playback.position)


def use_safe_leg(m: Moment) -> Turn:
    """The leg was asked for once; take a safe one and say so."""
    chosen = m.changed(visit_leg=SAFE_LEG)
    side = chosen.coach.content.words.side(SAFE_LEG.sides[0])
    return begin(chosen, chosen.playback.position, chosen.line("leg_assumed", side=side))
