"""What may be said, what must be said word for word, and what is never said."""

import re

import pytest

from skill.coach.content import Region
from skill.routine.script import Say, fill
from skill.routine.settings import Leg, Settings
from skill.routine.stretch import Lines, Sides, Stretch
from skill.routine.units import Side
from tests.content.files import COACHING, TOP, texts_of
from tests.routine.choices import CONTENT, NAMES, ROUTINE, alone, every_choice, plan_of

COMMANDS = ("stop", "next", "yes", "no", "pause", "resume", "repeat", "skip", "help", "cancel")

NEVER = (
    "push through",
    "no pain no gain",
    "as far as you can",
    "one more even if it hurts",
    "cure",
    "cures",
    "treat",
    "treats",
    "fix",
    "fixes",
    "heal",
    "heals",
    "releases the nerve",
    "prescribed",
    "slipped disc",
    "herniated",
    "stenosis",
    "cauda equina",
)

FIXED = {
    "safety": "I guide four gentle stretches. I'm not a doctor, and this is not medical advice "
    "or a diagnosis. If you are pregnant, have thin bones, a new hip, recent surgery or a recent injury, "
    "check with a professional first. Say stop at any time.",
    "ask_safety": "Any new numbness between your legs, new trouble with bladder or bowels, "
    "or weakness in both legs? Yes or no.",
    "emergency": "Let's stop here. What you describe needs medical help right now. "
    "Please call {emergency}, or get to {department}. Don't drive yourself. I can't make the call for you.",
    "same_day": "Let's stop for today. That needs a medical check today. Please call {urgent} "
    "or your doctor. If it gets worse, or both legs go numb or weak, call {emergency}.",
    "let_go_slowly": "Ease out of it now. Let go slowly, and rest.",
    "leave_this_one": "We leave this one for today.",
}

SPEAKS_OF_MEDICINE = {
    ("lines.toml", "safety"),
    ("lines.toml", "emergency"),
    ("lines.toml", "same_day"),
    ("regions.toml", "en-AU.urgent"),
    ("store.toml", "description"),
}


def said_on(stretch: Stretch, side: Side) -> dict[str, str]:
    """Every line of `stretch`, pauses left out, as said on `side`."""
    words = CONTENT.words
    named = {
        "side": words.side(side),
        "other": words.side(side.other),
        "hold": "twenty",
        "repetition": "two",
        "repetitions": "three",
    }
    said: dict[str, str] = {}
    for key in Lines.__dataclass_fields__:
        line = getattr(stretch.lines, key)
        if isinstance(line, str):
            line = (Say(line),)
        elif key == "middle":
            line = tuple(Say(cue.text) for cue in line)
        elif key == "near_end":
            line = (Say(line.text),) if line else ()
        if isinstance(line, tuple):
            said[key] = " ".join(part.text for part in fill(line, **named) if isinstance(part, Say))
    said["side_name"] = stretch.side_name.format(**named)
    said["side_short"] = stretch.side_short.format(**named)
    return said


def swapped(text: str) -> str:
    """`text` with left and right exchanged."""
    turned = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}
    return re.sub(r"\b([Ll]eft|[Rr]ight)\b", lambda side: turned[side[0]], text)


@pytest.mark.parametrize("name", NAMES)
def test_the_left_is_the_mirror_of_the_right(name: str) -> None:
    stretch = ROUTINE.stretch(name)
    left, right = said_on(stretch, Side.LEFT), said_on(stretch, Side.RIGHT)
    assert {key: swapped(text) for key, text in left.items()} == right


def test_the_other_leg_of_the_hamstring_stretch_is_led_the_same_way() -> None:
    legs = [plan_of(Settings(leg=leg)).cues for leg in (Leg.LEFT, Leg.RIGHT)]
    left, right = ([cue.text for cue in cues if cue.stretch == "hamstring"] for cues in legs)
    assert [swapped(text) for text in left] == right
    assert any("left" in text for text in left)


def test_a_stretch_without_sides_names_none() -> None:
    for stretch in ROUTINE.stretches:
        if stretch.dose.sides is Sides.NONE:
            said = " ".join(said_on(stretch, Side.LEFT).values())
            assert not re.search(r"\b(left|right)\b", said, re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_spoken_in_a_plan_has_a_brace_or_a_bracket_left(name: str) -> None:
    stretch = ROUTINE.stretch(name)
    for chosen in every_choice(stretch):
        for cue in plan_of(chosen, alone(stretch)).cues:
            assert not set(cue.text) & set("{}[]<>")
            assert cue.text == " ".join(cue.text.split())


@pytest.mark.parametrize(("file", "key", "text"), texts_of(COACHING))
def test_a_microphone_that_hears_the_coach_hears_no_command(file: str, key: str, text: str) -> None:
    found = re.findall(rf"\b({'|'.join(COMMANDS)})\b", text, re.IGNORECASE)
    assert not found, (file, key)


@pytest.mark.parametrize(("file", "key", "text"), texts_of(TOP + COACHING))
def test_nothing_is_promised_and_nobody_is_pushed(file: str, key: str, text: str) -> None:
    found = re.findall(rf"\b({'|'.join(NEVER)})\b", text, re.IGNORECASE)
    assert not found, (file, key)


def test_medicine_is_spoken_of_only_where_the_text_is_fixed() -> None:
    speaking = {(file, key) for file, key, text in texts_of(TOP + COACHING) if "medical" in text.lower()}
    assert speaking <= SPEAKS_OF_MEDICINE | {("store.toml", "testing_instructions")}


@pytest.mark.parametrize("key", FIXED)
def test_safety_lines_are_word_for_word(key: str) -> None:
    assert CONTENT.lines[key] == (FIXED[key],)


@pytest.mark.parametrize("locale", CONTENT.regions)
def test_one_one_one_is_named_only_where_it_is_advice(locale: str) -> None:
    region = CONTENT.region(locale)
    for key in Region.__dataclass_fields__:
        assert "one one one" not in getattr(region, key) or (locale, key) == ("en-GB", "urgent")


def test_an_unknown_locale_names_no_number_at_all() -> None:
    region = CONTENT.region("en-NZ")
    assert region is CONTENT.regions["other"]
    assert region.emergency == "your local emergency number"
