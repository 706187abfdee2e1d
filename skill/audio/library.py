"""A library: the clips of one voice in one language, as files of MP3 frames with a manifest."""

import logging
import os
import threading
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from uuid import uuid4

from skill.audio.clip_cache import ClipCache
from skill.audio.manifest import Entry, Manifest, digest_of
from skill.audio.voices import recipe
from skill.render.audio import FRAME_BYTES, FRAME_MS
from skill.routine.settings import Pace
from skill.routine.units import DurationMs

_log = logging.getLogger(__name__)

FORMAT = "1"
"""Changes with how clips are made, so that none made otherwise is used."""

_MOST_CACHED = 24 * 2**20
SOUNDS = ("bell", "tick")
Said = tuple[str, str]
"""A text and a pace; or the name of a sound and ""."""


class Snapshot(NamedTuple):
    """What there was at one moment.

    edition: changes with every clip that comes or goes. lengths: of each clip of speech.
    has_sounds: whether there are a bell and a tick.
    """

    edition: str
    lengths: Mapping[tuple[str, Pace], DurationMs]
    has_sounds: bool


class Library:
    """The clips in `folder`/`voice`/`language`; a folder that is missing holds none.

    Only clips that are whole are given out. Those added meanwhile, here or by another process, are
    noticed. Any number of threads may read.
    """

    def __init__(self, folder: Path, voice: str, language: str) -> None:
        self.voice, self.language = voice, language
        self.folder = folder / voice / language
        self._manifest = Manifest(self.folder)
        self._cache = ClipCache(_MOST_CACHED)
        self._lock = threading.RLock()
        self._seen = (0, 0)
        self._entries: Mapping[Said, Entry] = {}
        self._damaged: dict[Said, Entry] = {}
        self._snapshot = Snapshot("", MappingProxyType({}), has_sounds=False)

    @property
    def snapshot(self) -> Snapshot:
        """What there is: the same object until a clip comes or goes."""
        self._refresh()
        return self._snapshot

    @property
    def lengths(self) -> Mapping[tuple[str, Pace], DurationMs]:
        """How long each clip of speech lasts."""
        return self.snapshot.lengths

    def speech(self, text: str, pace: Pace) -> bytes | None:
        """The frames of `text`; None where it is not recorded."""
        return self._clip((text, pace.value))

    def sound(self, name: str) -> bytes | None:
        """The frames of the sound called `name`: bell or tick."""
        return self._clip((name, ""))

    def digest(self, text: str, pace: Pace) -> str:
        """What changes when the clip of `text` does; "" where there is none."""
        return self._digest((text, pace.value))

    def sound_digest(self, name: str) -> str:
        """What changes when the sound called `name` does; "" where there is none."""
        return self._digest((name, ""))

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Those of `texts` without a clip at every pace."""
        there = self.lengths
        return [text for text in texts if not all((text, pace) in there for pace in Pace)]

    def lent(self, texts: Iterable[str]) -> list[str]:
        """Those of `texts` that another voice stands in for."""
        self._refresh()
        made_by = {said: entry.made_by for said, entry in self._entries.items()}
        return [t for t in texts if any(made_by.get((t, pace), self.voice) != self.voice for pace in Pace)]

    @property
    def size(self) -> int:
        """How many bytes all clips have."""
        self._refresh()
        return sum(entry.frames for entry in self._entries.values()) * FRAME_BYTES

    def add_speech(self, text: str, pace: Pace, frames: bytes, made_by: str = "") -> None:
        """Keep the clip of `text`, by this voice or by one that stands in for it.

        One that a power cut takes away counts as missing.
        """
        self._add((text, pace.value), frames, made_by or self.voice)

    def add_sound(self, name: str, frames: bytes) -> None:
        """Keep the sound called `name`."""
        self._add((name, ""), frames, self.voice)

    def _add(self, said: Said, clip: bytes, made_by: str) -> None:
        frames, rest = divmod(len(clip), FRAME_BYTES)
        if rest or not frames:
            raise ValueError(f"a clip of {said[0]!r} is not made of whole frames: {len(clip)} bytes")
        entry = Entry(self._key(said, made_by), made_by, *said, frames, digest_of(clip))
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(self.folder / entry.file, clip)
        self._manifest.add(entry)
        self._refresh()

    def _key(self, said: Said, made_by: str) -> str:
        """Names what a clip is of, and how it was made."""
        made_of = repr((FORMAT, recipe(made_by), self.language, *said))
        return blake2b(made_of.encode(), digest_size=10).hexdigest()

    def _refresh(self) -> None:
        """Take in what was added to the manifest, and what was damaged and is whole again."""
        if self._damaged:
            self._take_back()
        if self._manifest.state == self._seen:
            return
        with self._lock:
            seen = self._manifest.state
            anew, added = self._manifest.read()
            entries = {} if anew else dict(self._entries)
            for entry in added:
                said = (entry.text, entry.pace)
                if self._is_better(entry, entries.get(said)) and self._read(entry):
                    entries[said] = entry
            self._use(entries)
            self._seen = seen

    def _is_better(self, new: Entry, old: Entry | None) -> bool:
        """Whether `new` is made as we make clips, and by this voice rather than one that stands in."""
        try:
            ours = new.key == self._key((new.text, new.pace), new.made_by)
        except KeyError:
            return False
        return ours and (old is None or new.made_by == self.voice or old.made_by != self.voice)

    def _use(self, entries: Mapping[Said, Entry]) -> None:
        if entries == self._entries:
            return
        paces = {pace.value: pace for pace in Pace}
        lengths = {
            (text, paces[pace]): DurationMs(entry.frames * FRAME_MS)
            for (text, pace), entry in entries.items()
            if pace in paces
        }
        digests = repr(sorted((*said, entry.digest) for said, entry in entries.items()))
        edition = blake2b(digests.encode(), digest_size=8).hexdigest()
        has_sounds = all((name, "") in entries for name in SOUNDS)
        self._entries = entries
        self._snapshot = Snapshot(edition, MappingProxyType(lengths), has_sounds)

    def _digest(self, said: Said) -> str:
        self._refresh()
        entry = self._entries.get(said)
        return entry.digest if entry else ""

    def _clip(self, said: Said) -> bytes | None:
        self._refresh()
        entry = self._entries.get(said)
        if entry is None:
            return None
        clip = self._cache.get(entry.file)
        if clip is None and (clip := self._read(entry)):
            self._cache.put(entry.file, clip)
        if clip is None:
            self._drop(entry)
        return clip

    def _read(self, entry: Entry) -> bytes | None:
        """The clip of `entry`; None where its file is missing or not what was written."""
        try:
            clip = (self.folder / entry.file).read_bytes()
        except OSError:
            return None
        whole = len(clip) == entry.frames * FRAME_BYTES and digest_of(clip) == entry.digest
        return clip if whole else None

    def _drop(self, damaged: Entry) -> None:
        _log.error("%s is missing or damaged: mend it with sciatica-coach audio build", damaged.file)
        with self._lock:
            self._damaged[damaged.text, damaged.pace] = damaged
            self._use({said: entry for said, entry in self._entries.items() if entry is not damaged})

    def _take_back(self) -> None:
        with self._lock:
            whole = {said: entry for said, entry in self._damaged.items() if self._read(entry)}
            for said in whole:
                del self._damaged[said]
            self._use({**whole, **self._entries})


def _write(path: Path, clip: bytes) -> None:
    """Write `clip` so that the file is either whole or not there, whatever happens meanwhile."""
    temporary = path.with_name(f".{uuid4().hex}.part")
    try:
        with temporary.open("xb") as file:
            file.write(clip)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
