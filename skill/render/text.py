"""A plan as a table for people, or as plain data."""

from rich.table import Table

from skill.routine.routine import Routine
from skill.routine.timeline import Timeline
from skill.routine.units import DurationMs
from skill.routine.words import Words


def plan_data(timeline: Timeline) -> list[dict[str, object]]:
    """Every cue: kind, step, text, stretch, side, repetition, start_ms, duration_ms, hold_ms."""
    return [
        {
            "kind": str(cue.kind),
            "step": str(cue.step),
            "text": cue.text,
            "stretch": cue.stretch or None,
            "side": cue.side and str(cue.side),
            "repetition": cue.repetition or None,
            "start_ms": timeline.start(index),
            "duration_ms": timeline.durations[index],
            "hold_ms": cue.hold,
        }
        for index, cue in enumerate(timeline.plan.cues)
    ]


def plan_table(timeline: Timeline, routine: Routine, words: Words) -> Table:
    """The timeline to read: when, where, what."""
    table = Table(title=f"{routine.name}, {words.length(timeline.length)}", title_justify="left")
    for heading, justify in (("start", "right"), ("lasts", "right"), ("where", "left"), ("cue", "left")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    before = ""
    for index, cue in enumerate(timeline.plan.cues):
        stretch = routine.stretch(cue.stretch).name if cue.stretch else str(cue.step)
        where = " ".join(filter(None, (stretch, cue.side or "", str(cue.repetition or ""))))
        if where != before:
            table.add_section()
        table.add_row(
            clock(timeline.start(index)),
            f"{timeline.durations[index] / 1000:.1f} s",
            where if where != before else "",
            cue.text or f"[dim]{cue.kind}[/dim]",
        )
        before = where
    return table


def clock(ms: DurationMs) -> str:
    """Minutes and seconds, as in 3:05.2."""
    tenths = ms // 100
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"
