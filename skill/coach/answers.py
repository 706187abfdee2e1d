"""The few shapes every answer has: play on, wait in silence, ask, or end."""

from dataclasses import replace

from skill.coach.moment import Moment, Turn, silence
from skill.coach.reply import Recording, Reply
from skill.coach.situation import situation, then
from skill.coach.state import Question, Stream
from skill.routine.cue import CueKind, Step
from skill.routine.pace import Sounding
from skill.routine.passage import go_on_from, must_ask_leg, passage_end
from skill.routine.playback import (
    PlaybackState,
    finish,
    from_cue_start,
    pause_at,
    play,
    time_left,
)
from skill.routine.script import Say, Wait
from skill.routine.stretch import Sides
from skill.routine.timeline import Position, TimedCue
from skill.routine.units import DurationMs, EpochMs, Side
from skill.routine.voice import ModelledVoice, RecordedVoice


def play_on(m: Moment, position: Position, *lead: str) -> Turn:
    """Say `lead`, then play from `position` up to the next stop, and ask there."""
    timeline = m.timeline
    if position == timeline.end:
        return ask(m.changed(playback=finish(timeline)), Question.ANYTHING_ELSE, *lead)
    said = m.timed(*lead)
    since = EpochMs(m.now + m.delay + sum(cue.duration for cue in said))
    if m.streaming:
        return _stream(m, position, since, said)
    end = passage_end(timeline, position, m.coach.room)
    question, prompt = closing(m, end)
    after = m.changed(playback=play(position, end, since), question=question, wish=False, stream=None)
    return _turn(after, said, prompt, f"again_{question}", (position, end))


def _stream(m: Moment, position: Position, since: EpochMs, said: tuple[TimedCue, ...]) -> Turn:
    """Say what is `said`; then the device plays the rest of the routine on its own."""
    end, stream = len(m.timeline), Stream(m.now)
    after = m.changed(playback=play(position, end, since), question=None, wish=False, stream=stream)
    state, reply = _turn(after, said, "", "", (position, end))
    return Turn(state, replace(reply, stream=stream.number))


def closing(m: Moment, end: int) -> tuple[Question, str]:
    """What is asked where a passage ends at `end`, and the words for it."""
    timeline = m.timeline
    if end >= len(timeline):
        return Question.ANYTHING_ELSE, f"{m.line('routine_done')} {m.line('ask_anything_else')}"
    done, ahead = timeline.plan.cues[end - 1], timeline.cue(go_on_from(timeline, end))
    if ahead is None or not ahead.stretch:
        return Question.GO_ON, m.line("ask_go_on")
    if not done.stretch:
        return _first_stretch(m, ahead.stretch)
    next_one = m.coach.routine.stretch(ahead.stretch)
    if ahead.stretch != done.stretch:
        finished = m.line("stretch_done", stretch=m.coach.routine.stretch(done.stretch).name)
        if must_ask_leg(timeline, ahead.stretch):
            return Question.LEG, f"{finished} {m.line('ask_leg', stretch=next_one.name)}"
        return Question.GO_ON, f"{finished} {m.line('ask_ready', next=f'the {next_one.name}')}"
    if ahead.side != done.side:
        side = m.side_text(next_one, ahead.side, short=True)
        finished = _side_done(m, done.side, next_one.id)
        return Question.GO_ON, f"{finished} {m.line('ask_ready', next=f'the {side}')}"
    return Question.GO_ON, m.line("ask_go_on")


def _first_stretch(m: Moment, stretch_id: str) -> tuple[Question, str]:
    """What is asked where a passage ends before the first stretch: its leg, if that is not known."""
    if must_ask_leg(m.timeline, stretch_id):
        return Question.LEG, m.line("ask_leg", stretch=m.coach.routine.stretch(stretch_id).name)
    return Question.GO_ON, m.line("ask_go_on")


def carry_on(m: Moment, *lead: str) -> Turn:
    """Say `lead`, then go on as before: playing, waiting, or asking again what was asked."""
    playback, question = m.playback, m.state.question
    if playback.state is PlaybackState.PLAYING:
        cut_short = playback.since > m.now and m.in_position
        position = from_cue_start(m.timeline, playback.position)
        return play_on(m, position, *lead, *(re_enter(m) if cut_short else ()))
    if question and question is not Question.GO_ON:
        return ask(m, question, *lead)
    if playback.state is PlaybackState.WAITING:
        question, prompt = closing(m, playback.end)
        return _turn(m.changed(question=question), m.timed(*lead), prompt, f"again_{question}")
    if playback.state is PlaybackState.PAUSED:
        return hold_still(m, *lead)
    return ask(m, _idle_question(m), *lead)


def hold_still(m: Moment, *lead: str) -> Turn:
    """Say `lead`, stay silent so that the session stays open, and ask at the end of that.

    What a stream is paused in needs no session to be resumed.
    """
    after = m.changed(playback=m.paused, question=Question.GO_ON, wish=False)
    if m.streaming:
        return _turn(after.changed(question=None), m.timed(*lead), "", "")
    if after.playback.state is PlaybackState.WAITING:
        after = after.changed(playback=pause_at(after.playback.position))
    said = (*m.timed(*lead), silence(m.coach.pause))
    return _turn(after, said, after.line("ask_resume" if m.kept else "ask_go_on"), "again_resume")


def ask(m: Moment, question: Question, *lead: str) -> Turn:
    """Say `lead`, and ask `question`. Playing stops."""
    paused = m.changed(playback=m.paused)
    prompt = paused.line(_prompt_key(paused, question), **_named(paused), left=_hold_left(paused))
    return _turn(paused.changed(question=question), m.timed(*lead), prompt, f"again_{question}")


def end(m: Moment, *lead: str) -> Turn:
    """Say `lead`, keep the place and end the session."""
    paused = m.changed(
        playback=m.paused,
        question=None,
        wish=False,
        cleared=m.state.still_cleared,
    )
    return _turn(paused, m.timed(*lead), "", "")


def raise_alarm(m: Moment, *lead: str) -> Turn:
    """Say `lead`, end the session, and offer no restart: it is not safe to stretch now."""
    state, reply = end(m.changed(cleared=False), *lead)
    return Turn(state, replace(reply, situation="alarm", then="alarm"))


def begin(m: Moment, position: Position, *lead: str) -> Turn:
    """Play from `position`, once the safety question and the leg are answered."""
    if not m.state.cleared:
        waiting = m.changed(playback=pause_at(position), wish=True)
        asked = m.state.question is Question.SAFETY
        return ask(waiting, Question.SAFETY, "" if asked else m.line("safety"))
    if _needs_leg(m, position):
        return ask(m.changed(playback=pause_at(position), wish=True), Question.LEG, *lead)
    return play_on(m, position, *lead)


def _needs_leg(m: Moment, position: Position) -> bool:
    """Whether the leg must be asked before playing from `position`; a stream cannot stop for that later."""
    cues = m.timeline.plan.cues[position.index :]
    ahead = cues if m.streaming else cues[:1]
    return any(cue.stretch and must_ask_leg(m.timeline, cue.stretch) for cue in ahead)


def re_enter(m: Moment) -> tuple[str, ...]:
    """What is said before a paused place plays on: where we are, and the way into a hold."""
    cue, stretch = m.cue, m.stretch
    if not cue or not stretch:
        return (m.line("carrying_on"),)
    if cue.step in (Step.TITLE, Step.SWITCH):
        return ()
    if not m.holding:
        return (m.line("back_to", here=m.here()),)
    into = " ".join(_scripted(m, part) for part in stretch.lines.reminder)
    if cue.step is Step.HOLD_LINE:
        return (m.line("back_to", here=m.here()), into)
    return (m.line("back_to", here=m.here()), into, m.line("hold_again", left=_hold_left(m)))


def let_go(m: Moment) -> str:
    """How to come out of the stretch the person is in; "" where they are in none."""
    stretch, cue = m.stretch, m.cue
    return m.fill(stretch.lines.let_go, cue.side) if stretch and cue and m.in_position else ""


def _scripted(m: Moment, part: Say | Wait) -> str:
    if isinstance(part, Wait):
        return f"[{part.duration / 1000:g}s]"
    return m.fill(part.text, m.cue.side if m.cue else None)


def _side_done(m: Moment, side: Side | None, stretch_id: str) -> str:
    stretch = m.coach.routine.stretch(stretch_id)
    words, count = m.coach.content.words, m.settings.repetitions_of(stretch)
    name = words.side(side) if side else ""
    return stretch.lines.side_done.format(side=name, repetitions=words.number(count))


def _prompt_key(m: Moment, question: Question) -> str:
    if question is not Question.PICK_UP or not m.cue:
        return f"ask_{question}"
    if m.cue.step is Step.HOLDING:
        return "ask_pick_up_hold"
    return "ask_pick_up_next" if m.cue.step is Step.TITLE else "ask_pick_up"


def _named(m: Moment) -> dict[str, str]:
    one_leg = (s for s in m.coach.routine.stretches if s.dose.sides is Sides.CHOSEN_LEG)
    stretch = next(one_leg, m.coach.routine.stretches[0])
    return {"stretch": stretch.name, "here": m.here()}


def _hold_left(m: Moment) -> str:
    """What is left of the hold the person is in, in words."""
    left = time_left(m.timeline, m.playback.position)[0]
    return m.coach.content.words.length(left)


def _idle_question(m: Moment) -> Question:
    finished = m.playback.state is PlaybackState.FINISHED
    return Question.ANYTHING_ELSE if finished else Question.START


def _turn(
    m: Moment,
    lead: tuple[TimedCue, ...],
    prompt: str,
    again: str,
    span: tuple[Position, int] = (Position(0), 0),
) -> Turn:
    """span: where the passage begins, and the cue before which it ends."""
    timeline = m.timeline
    recorded = isinstance(m.voice, RecordedVoice)
    reply = Reply(
        lead=lead,
        passage=timeline.cut(*span),
        prompt=m.timed(prompt, step=Step.PROMPT),
        reprompt=m.timed(m.line(again), step=Step.PROMPT) if prompt else (),
        pace=m.settings.pace,
        length=timeline.length,
        situation=situation(m),
        then=then(m),
        recording=Recording(timeline, *span) if recorded else None,
    )
    return Turn(replace(m.state, sounding=_sounding(m, reply)), reply)


def _sounding(m: Moment, reply: Reply) -> Sounding:
    """What tells of the pace of the device's own voice; a recording tells nothing of that."""
    plain = ModelledVoice()

    def speech(cues: tuple[TimedCue, ...]) -> DurationMs:
        if reply.recording:
            return DurationMs(0)
        spoken = (c.cue.text for c in cues if c.cue.kind is CueKind.SPEECH)
        return DurationMs(sum(plain.speech_ms(text, reply.pace) for text in spoken))

    return Sounding(m.now, speech(reply.cues), speech(reply.reprompt), reply.silence)
