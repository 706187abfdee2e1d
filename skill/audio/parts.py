"""Parts of a text: cut where a speaker would breathe, and with the punctuation left where it was."""

import re

_BOUNDARIES = (r"(?<=[.!?])\s+", r"(?<=[,;:])\s+", r"\s+")
"""Best first."""


def in_parts(text: str, most: int) -> list[str]:
    """`text` in parts of at most `most` characters, as few as fit; a longer word stays whole."""
    if len(text) <= most:
        return [text]
    for boundary in _BOUNDARIES:
        pieces = re.split(boundary, text)
        if len(pieces) > 1:
            return _packed([part for piece in pieces for part in in_parts(piece, most)], most)
    return [text]


def _packed(pieces: list[str], most: int) -> list[str]:
    packed = pieces[:1]
    for piece in pieces[1:]:
        if len(packed[-1]) + 1 + len(piece) <= most:
            packed[-1] += f" {piece}"
        else:
            packed.append(piece)
    return packed
