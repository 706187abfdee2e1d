"""A second routine is a matter of data alone: a copied folder, one routine and one new stretch."""

import shutil
from pathlib import Path

import pytest

from skill.coach.content import Content
from skill.content import read_content
from skill.render.text import plan_data
from skill.routine.plan import make_plan
from skill.routine.settings import Leg, Settings
from skill.routine.timeline import Timeline
from skill.routine.voice import ModelledVoice
from tests.content.files import ENGLISH

KNEE_TO_CHEST = """
name = "knee to chest stretch"
number = "second"
side_name = "{side} leg"
side_short = "{side} leg"
why = "This one is for the lower back."
how = "Bring one knee toward your chest."

[dose]
sides = "left then right"
hold_seconds = { usual = 15, least = 5, most = 40 }
repetitions = { usual = 2, least = 1, most = 4 }

[say]
title = "Knee to chest."
setup = "Both legs straight. [2s]"
setup_each_side = false
into = "Bring your {side} knee up. [3s]"
into_again = "{side} knee up. [3s]"
hold = "Hold, {hold} seconds."
release = "Lower your {side} leg. [3s]"
rest = "Rest. [4s]"
switch = "Now the {other} leg. [2s]"
side_done = "That is the {side} leg."
reminder = "{side} knee up. [3s]"
let_go = "Lower your {side} leg."
"""

MORNING = """
name = "morning routine"
stretches = ["piriformis", "knee_to_chest"]
getting_down = "Lie down. [3s]"
getting_down_brief = "Lie down. [1s]"
getting_up = "Sit up slowly."
"""


@pytest.fixture
def content(tmp_path: Path) -> Content:
    folder = Path(shutil.copytree(ENGLISH, tmp_path / "en"))
    (folder / "stretches" / "knee_to_chest.toml").write_text(KNEE_TO_CHEST, "utf-8")
    (folder / "routines" / "morning.toml").write_text(MORNING, "utf-8")
    return read_content(folder, "en")


def test_both_routines_are_there(content: Content) -> None:
    assert set(content.routines) == {"sciatica", "morning"}
    assert len(content.routine("sciatica").stretches) == 4


def test_the_new_routine_is_planned_with_its_own_doses(content: Content) -> None:
    morning = content.routine("morning")
    plan = make_plan(morning, Settings(leg=Leg.LEFT), content.words)
    cues = plan_data(Timeline(plan, ModelledVoice()))
    held: dict[object, object] = {}
    for cue in cues:
        if cue["step"] == "holding":
            key = (cue["stretch"], cue["side"], cue["repetition"])
            held[key] = held.get(key, 0) + cue["duration_ms"]  # type: ignore[operator]
    assert held == {
        **{("piriformis", side, n): 30_000 for side in ("right", "left") for n in (1, 2, 3)},
        **{("knee_to_chest", side, n): 15_000 for side in ("left", "right") for n in (1, 2)},
    }
    said = [cue["text"] for cue in cues if cue["text"]]
    assert said[0] == "Lie down."
    assert said[-1] == "Sit up slowly."
    assert "Hold, fifteen seconds." in said
    assert "Left knee up." in said
