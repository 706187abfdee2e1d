"""What a terminal shows of a conversation."""

from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from skill.render.screen import Frame
from skill.speaker.conversation import Answer
from skill.speaker.playhead import Showing
from skill.understanding.heard import Heard, to_json

_BAR = 30


@dataclass(frozen=True, slots=True)
class Picture:
    """One moment of a conversation.

    words: said last. place: where the routine is, None outside. status: listening and the like.
    draft: what is being typed.
    """

    words: str
    place: Showing | None
    status: str
    draft: str

    def __rich__(self) -> Group:
        place: list[RenderableType] = [_where(self.place), _time(self.place)] if self.place else []
        rows: list[RenderableType] = [*place, Text(self.words, style="bold"), Text(self.status, style="cyan")]
        return Group(*rows, Text.assemble(("> ", "green"), self.draft, ("\u2588", "green")))


def _where(place: Showing) -> Text:
    frame = place.frame
    repetition = f"repetition {frame.repetition}" if frame.repetition > 1 else ""
    number = f"{frame.number} of {frame.count}" if frame.number else ""
    text = Text(" \u00b7 ".join(filter(None, (frame.stretch, number, repetition))))
    if frame.side:
        text.append("  ").append(f" {_arrow(frame)} ", style="reverse bold")
    return text


def _arrow(frame: Frame) -> str:
    return f"\u25c0 {frame.side_name}" if frame.side == "left" else f"{frame.side_name} \u25b6"


def _time(place: Showing) -> Table:
    frame = place.frame
    row = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=max(frame.length_ms, 1), completed=place.offset, width=_BAR)
    hold = Text(f"hold {place.hold_left}", style="bold reverse") if frame.hold_ms else Text()
    row.add_row(bar, Text(f"{_minutes(frame.length_ms - place.offset)} left"), hold)
    return row


def _minutes(ms: int) -> str:
    minutes, seconds = divmod(max(-(-ms // 1000), 0), 60)
    return f"{minutes}:{seconds:02}"


def print_understood(heard: Heard | None, console: Console) -> None:
    """Print what was understood, if anything was said."""
    if heard:
        slots = "".join(f" {name}={value}" for name, value in _slots(heard))
        console.print(Text(f"{heard.intent}{slots}", style="dim"), soft_wrap=True)


def _slots(heard: Heard) -> list[tuple[str, object]]:
    slots = to_json(heard)["slots"]
    return list(slots.items()) if isinstance(slots, dict) else []


def print_turn(answer: Answer, console: Console) -> None:
    """Print one turn: what was understood, the words with their silences as in [3s], the prompt."""
    print_understood(answer.heard, console)
    place = ""
    for frames in _paragraphs(answer.frames):
        heading = _heading(frames[0])
        if heading and heading != place:
            console.print(Text(heading, style="bold"), soft_wrap=True)
        place = heading
        text = " ".join(frame.text or f"[{frame.ms / 1000:g}s]" for frame in frames)
        console.print(Text(text), soft_wrap=True)


def _heading(frame: Frame) -> str:
    return ", ".join(filter(None, (frame.stretch, frame.side_name)))


def _paragraphs(frames: tuple[Frame, ...]) -> list[list[Frame]]:
    """The frames, split where the place changes and where the routine begins and ends."""
    paragraphs: list[list[Frame]] = []
    before = None
    for frame in frames:
        key = (frame.offset_ms < 0, frame.stretch, frame.side, frame.repetition)
        if key != before:
            paragraphs.append([])
        paragraphs[-1].append(frame)
        before = key
    return paragraphs
