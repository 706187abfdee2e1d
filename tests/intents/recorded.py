"""Recordings for the tests of those who play them: clips of silence, each as long as a voice would take."""

from pathlib import Path

from skill.audio.library import Library
from skill.audio.recorded_voices import RecordedVoices
from skill.audio.recordings import Recordings
from skill.audio.texts import all_texts
from skill.content import load_content
from skill.render.audio import FRAME_MS, SILENT_FRAME
from skill.routine.marks import Marks
from skill.routine.settings import Pace
from skill.routine.voice import ModelledVoice
from tests.intents.alexa import SECRET


def record(folder: Path) -> Library:
    """A library in `folder` that holds every text the coach may need."""
    content = load_content()
    library = Library(folder, "espeak", "en")
    for text in all_texts(content, content.routine("sciatica")):
        for pace in Pace:
            frames = round(ModelledVoice(1.1).speech_ms(text, pace) / FRAME_MS)
            library.add_speech(text, pace, SILENT_FRAME * frames)
    for sound in ("bell", "tick"):
        library.add_sound(sound, SILENT_FRAME * 30)
    return library


def recordings_in(folder: Path, marks: Marks = Marks.BELL) -> Recordings:
    """The recordings of what is in `folder`."""
    voices = RecordedVoices(Library(folder, "espeak", "en"), marks)
    return Recordings(voices, load_content(), SECRET)
