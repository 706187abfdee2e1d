"""Recorded voices: which plans are recorded, and how long each of their sentences lasts."""

from dataclasses import dataclass, field
from hashlib import blake2b

from skill.audio.library import Library, Snapshot
from skill.routine.marks import Marks
from skill.routine.plan import Plan
from skill.routine.voice import RecordedVoice


@dataclass
class RecordedVoices:
    """The voices that `library` makes, with holds marked by `marks`."""

    library: Library
    marks: Marks
    _known: tuple[Snapshot | None, dict[str, RecordedVoice | None]] = field(
        default_factory=lambda: (None, {})
    )

    def of(self, plan: Plan) -> RecordedVoice | None:
        """The recorded voice, where all of `plan` is recorded."""
        known, voices = self._known
        snapshot = self.library.snapshot
        if known is not snapshot:
            known, voices = self._known = (snapshot, {})
        if plan.id not in voices:
            voices[plan.id] = self._voice(plan, snapshot)
        return voices[plan.id]

    def _voice(self, plan: Plan, snapshot: Snapshot) -> RecordedVoice | None:
        pace = plan.settings.pace
        spoken = all((cue.text, pace) in snapshot.lengths for cue in plan.cues if cue.text)
        if not spoken or not (self.marks is Marks.SILENCE or snapshot.has_sounds):
            return None
        edition = blake2b(repr((plan.id, snapshot.edition)).encode(), digest_size=6).hexdigest()
        return RecordedVoice(self.library.voice, edition, self.marks, snapshot.lengths)
