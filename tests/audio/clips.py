"""Clips made of nothing but numbers: whole frames, each clip other than the next."""

from skill.render.audio import FRAME_BYTES


def text(number: int) -> str:
    """A text for each number."""
    return f"Text {number}."


def clip(number: int, frames: int = 0) -> bytes:
    """The clip of `text(number)`: of its own length unless told."""
    return bytes([number % 251]) * FRAME_BYTES * (frames or 3 + number % 40)
