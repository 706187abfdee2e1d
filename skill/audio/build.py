"""Building: making the clips that a library has not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from skill.audio.library import Library
from skill.audio.synthesizer import Synthesizer, VoiceError, optional_packages
from skill.audio.voices import open_voice
from skill.routine.settings import Pace

if TYPE_CHECKING:
    from skill.audio.pcm import Pcm

MOST_FAILURES = 3
"""A voice that fails this often in a row is left alone for the rest of a build."""

OpenVoice = Callable[[str, str], Synthesizer]
Progress = Callable[[int, int, str], None]
"""Is called with how many texts are done, of how many, and the one that comes next ("" at the end)."""


@dataclass(slots=True)
class Report:
    """What a build did: how many texts were there, made, and made by the voice that stands in."""

    there: int
    made: int = 0
    lent: int = 0
    failure: str = ""
    """Why the voice that stands in was needed."""


class BuildError(Exception):
    """A build that could not go on. `report` says what was done, all of which is kept."""

    def __init__(self, report: Report, text: str, reason: str) -> None:
        super().__init__(f"{text!r} could not be recorded: {reason}")
        self.report = report


def build(
    library: Library,
    texts: Iterable[str],
    *,
    fallback: str = "",
    progress: Progress = lambda done, of, text: None,
    open_voice: OpenVoice = open_voice,
) -> Report:
    """Make what `library` lacks of `texts`, at every pace, and of the sounds. Raises BuildError.

    fallback: the voice that stands in where the library's own gives up; "" for none. What it made is
    made anew by a later build. Whatever is done is kept, however a build ends.
    """
    texts = list(dict.fromkeys(texts))
    wanted = {*library.missing(texts), *library.lent(texts)}
    work = [text for text in texts if text in wanted]
    report = Report(len(texts) - len(work))
    builder = _Builder(library, open_voice, fallback, report)
    builder.sounds()
    for done, text in enumerate(work):
        progress(done, len(work), text)
        if library.missing([text]) or library.lent([text]):  # another build may have been quicker
            builder.record(text)
    progress(len(work), len(work), "")
    return report


@dataclass(slots=True)
class _Builder:
    library: Library
    open_voice: OpenVoice
    fallback: str
    report: Report
    failures: int = 0
    voices: dict[str, Synthesizer] = field(default_factory=dict)

    def sounds(self) -> None:
        """Make the sounds, where one is missing."""
        if self.library.snapshot.has_sounds:
            return
        try:
            with optional_packages():
                from skill.audio.bells import sounds
        except VoiceError as wrong:
            raise BuildError(self.report, "the bell", str(wrong)) from None
        for name, frames in sounds().items():
            self.library.add_sound(name, frames)

    def record(self, text: str) -> None:
        """Make the clips of `text`, by the voice that stands in if need be and if there is one."""
        try:
            self._own(text)
        except VoiceError as wrong:
            if not self.fallback:
                raise BuildError(self.report, text, str(wrong)) from None
            self.report.failure = str(wrong)
            if text in self.library.missing([text]):
                self._lent(text)

    def _own(self, text: str) -> None:
        if self.failures >= MOST_FAILURES:
            raise VoiceError(self.report.failure)
        try:
            self._keep(text, self.library.voice)
        except VoiceError:
            self.failures += 1
            raise
        self.failures = 0
        self.report.made += 1

    def _lent(self, text: str) -> None:
        try:
            self._keep(text, self.fallback)
        except VoiceError as wrong:
            raise BuildError(self.report, text, str(wrong)) from None
        self.report.lent += 1

    def _keep(self, text: str, voice: str) -> None:
        for pace, clip in _clips(self._voice(voice).pcm(text)):
            self.library.add_speech(text, pace, clip, voice)

    def _voice(self, name: str) -> Synthesizer:
        if name not in self.voices:
            self.voices[name] = self.open_voice(name, self.library.language)
        return self.voices[name]


def _clips(spoken: "Pcm") -> list[tuple[Pace, bytes]]:
    from skill.audio.clip import make_clip

    try:
        return [(pace, make_clip(spoken, pace)) for pace in Pace]
    except ValueError as wrong:
        raise VoiceError(str(wrong)) from None
