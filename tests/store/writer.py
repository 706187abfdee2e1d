"""A process that takes turns and tells of each that was answered, until it is killed."""

from multiprocessing.connection import Connection

from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Clock, Echo, skill_on


def take_turns(path: str, acknowledge: Connection) -> None:
    """Ask for the stretches for ever; after each answer send its turn's number."""
    clock = Clock()
    echo = Echo(skill_on(SqliteStore(path), clock), clock)
    while True:
        echo.asks("ListStretchesIntent")
        acknowledge.send(echo.answer["sessionAttributes"]["device"]["turn"])
