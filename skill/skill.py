"""The skill: every handler, registered on one ASK skill builder."""

from dataclasses import replace

from ask_sdk_core.skill_builder import CustomSkillBuilder

from skill.coach.content import Content
from skill.coach.moment import Coach
from skill.intents.audio_player import ButtonHandler, StreamHandler
from skill.intents.families import intents
from skill.intents.handlers import (
    Apology,
    IntentHandler,
    LaunchHandler,
    SessionEndedHandler,
    SkillDisabledHandler,
    UnaskedHandler,
    UnknownIntentHandler,
)
from skill.intents.memory import Memory
from skill.intents.session import Session
from skill.intents.streams import Streams
from skill.intents.turn import Clock, Turns
from skill.render.ssml import ROOM
from skill.routine.units import DurationMs
from skill.store.store import Store


def skill_builder(
    content: Content,
    routine_id: str,
    store: Store,
    clock: Clock,
    pause: DurationMs,
    secret: str,
    skill_id: str | None = None,
    streams: Streams | None = None,
) -> CustomSkillBuilder:
    """The skill, complete, that leads `routine_id`, keeps places in `store` and reads `clock`.

    pause: how long a paused session is kept open in silence. secret: what sessions are signed with.
    skill_id: refuse requests for any other. streams: the recordings it may play, if there are any.
    """
    coach = Coach(content, content.routine(routine_id), ROOM, pause)
    if streams:
        coach = replace(coach, recorded=streams.recordings.voices.of)
    turns = Turns(coach, clock, Memory(store, Session(secret), secret), streams)
    builder = CustomSkillBuilder(persistence_adapter=store)
    builder.skill_id = skill_id
    for name, to_event in intents().items():
        builder.add_request_handler(IntentHandler(turns, name, to_event))
    builder.add_request_handler(LaunchHandler(turns))
    builder.add_request_handler(SessionEndedHandler(turns))
    builder.add_request_handler(SkillDisabledHandler())
    builder.add_request_handler(StreamHandler(turns))
    builder.add_request_handler(ButtonHandler(turns))
    builder.add_request_handler(UnknownIntentHandler(turns))
    builder.add_request_handler(UnaskedHandler())
    sorry, again = (content.lines[key][0] for key in ("apology", "again_apology"))
    builder.add_exception_handler(Apology(sorry, again))
    return builder
