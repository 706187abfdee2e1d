"""The terminal's smart speaker."""

from rich.console import Console

from skill.speaker.conversation import Answer, Conversation


def converse(conversation: Conversation, console: Console) -> None:
    """A conversation."""


def print_turn(answer: Answer, console: Console) -> None:
    """One turn."""
    console.print(" ".join(frame.text or f"[{frame.ms / 1000:g}s]" for frame in answer.frames), markup=False)
