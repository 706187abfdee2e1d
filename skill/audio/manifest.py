"""The manifest of a folder of clips: a line of JSON for each, only ever added to.

A line that was torn by a power cut is passed over: it counts as not written.
"""

import json
import os
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

NAME = "manifest.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One clip.

    key: what it is a clip of. made_by: the voice that made it, by its name.
    text and pace: what is said and how; of a sound, its name and "".
    frames: how long it is. digest: of its bytes.
    """

    key: str
    made_by: str
    text: str
    pace: str
    frames: int
    digest: str

    @property
    def file(self) -> str:
        """The name of its file: another recording of the same text gets another file."""
        return f"{self.key}-{self.digest}.mp3"


def digest_of(clip: bytes) -> str:
    """What tells the bytes of a clip from all others."""
    return blake2b(clip, digest_size=10).hexdigest()


class Manifest:
    """The manifest in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._name = str(self._path)
        self._file = 0
        self._read_to = 0

    @property
    def state(self) -> tuple[int, int]:
        """Which file it is and how long, which changes with anything in it; (0, 0) where there is none."""
        try:
            state = os.stat(self._name)
        except OSError:
            return (0, 0)
        return (state.st_ino, state.st_size)

    def read(self) -> tuple[bool, list[Entry]]:
        """What was added since it was read last; and whether what was read before is void."""
        file_number, size = self.state
        anew = file_number != self._file or size < self._read_to
        self._file, self._read_to = file_number, 0 if anew else self._read_to
        try:
            with self._path.open("rb") as file:
                file.seek(self._read_to)
                *lines, _ = file.read().split(b"\n")
        except OSError:
            return anew, []
        self._read_to += sum(len(line) + 1 for line in lines)
        return anew, [entry for line in lines if (entry := _entry(line))]

    def add(self, entry: Entry) -> None:
        """Add `entry`, durably. What a torn last line left is closed first."""
        line = json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"
        with self._path.open("ab+") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


def _entry(line: bytes) -> Entry | None:
    """The entry that a line holds; None where it is not a whole one."""
    try:
        entry = Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None
    texts = (entry.key, entry.made_by, entry.text, entry.pace, entry.digest)
    named = all(isinstance(each, str) for each in texts) and (entry.key + entry.digest).isalnum()
    return entry if named and type(entry.frames) is int and entry.frames > 0 else None
