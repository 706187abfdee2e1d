"""ID3: the tag in front of an MP3 that tells players its title, its length and its chapters.

Version 2.3 (id3.org/id3v2.3.0), with chapter frames (id3.org/id3v2-chapters-1.0).
"""

from collections.abc import Sequence

from skill.render.chapters import Chapter
from skill.routine.units import DurationMs

_UTF_16 = b"\x01"
_NO_FLAGS = b"\0\0"
_TOP_LEVEL, _IN_ORDER = 2, 1
_BY_TIME = b"\xff" * 8
"""Instead of the places of a chapter's bytes: they follow from its times."""


def id3_tag(title: str, length: DurationMs, chapters: Sequence[Chapter]) -> bytes:
    """The tag; what follows it is the MP3. Players number at most 255 chapters."""
    names = [f"chapter{number}".encode() + b"\0" for number, _ in enumerate(chapters[:255], 1)]
    contents = b"toc\0" + bytes([_TOP_LEVEL | _IN_ORDER, len(names)]) + b"".join(names)
    frames = _text("TIT2", title) + _text("TLEN", str(length)) + _frame("CTOC", contents)
    for name, chapter in zip(names, chapters, strict=False):
        times = _number(chapter.start) + _number(chapter.end)
        frames += _frame("CHAP", name + times + _BY_TIME + _text("TIT2", chapter.title))
    return b"ID3\x03\0\0" + _seven_bits_a_byte(len(frames)) + frames


def _frame(name: str, content: bytes) -> bytes:
    return name.encode() + _number(len(content)) + _NO_FLAGS + content


def _text(name: str, text: str) -> bytes:
    return _frame(name, _UTF_16 + text.encode("utf-16"))


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _seven_bits_a_byte(value: int) -> bytes:
    """How the size of the tag is written, so that it never looks like the start of a frame."""
    return bytes(value >> shift & 0x7F for shift in (21, 14, 7, 0))
