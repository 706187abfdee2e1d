"""A wrong content file is refused with a message that names the file, the key and what is allowed."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from skill.content import read_content
from skill.routine.schema import ContentError
from tests.content.files import ENGLISH

BACK, LEG, CURL, HIP = (
    f"stretches/{name}.toml" for name in ("lower_back", "hamstring", "back_flexion", "piriformis")
)
SCIATICA = "routines/sciatica.toml"


@dataclass(frozen=True)
class Fault:
    """One slip of the pen.

    In `file`, the first match of `old`, a regular expression, became `new`.
    The message must name `key`, and say `allowed`.
    """

    name: str
    file: str
    old: str
    new: str
    key: str
    allowed: str


FAULTS = [
    Fault(*row)
    for row in (
        # keys
        ("a placeholder no line has", "lines.toml", r"\{here\}", "{heer}", "back_to", "{here}"),
        (
            "a bracket in a line",
            "lines.toml",
            r"paused = \[\"Paused",
            'paused = ["[3] Paused',
            "paused",
            "[3s]",
        ),
        ("no title", BACK, r"title = .*\n", "", "say.title", "text is needed"),
        ("no dose", BACK, r"\[dose\]", "[doze]", "doze", "dose"),
        ("no sides", LEG, r"sides = .*\n", "", "dose.sides", "left then right"),
        ("no usual hold", LEG, r"usual = 10, ", "", "dose.hold_seconds.usual", "from 10 to 30"),
        ("no side name", LEG, r"side_name = .*\n", "", "side_name", "text is needed"),
        ("no switch between sides", HIP, r"switch = .*\n", "", "say.switch", "text is needed"),
        ("misspelt key", BACK, r"reminder =", "remainder =", "say.remainder", "reminder"),
        ("misspelt dose", BACK, r"hold_seconds", "hold_secs", "dose.hold_secs", "hold_seconds"),
        ("unknown top key", CURL, r"number =", "order =", "order", "number"),
        ("unknown key of a cue", CURL, r"from_seconds", "after", "say.middle.after", "from_seconds"),
        ("no way down", SCIATICA, r"getting_down_brief = .*\n", "", "getting_down_brief", "text is needed"),
        ("unknown routine key", SCIATICA, r"name =", "level = 1\nname =", "level", "getting_down"),
        # types
        ("number for a name", BACK, r'name = ".*"', "name = 4", "name", "text that is not blank"),
        ("word for seconds", BACK, r"usual = 20", 'usual = "20"', "dose.hold_seconds.usual", "5 to 30"),
        ("half a second", BACK, r"usual = 20", "usual = 20.5", "dose.hold_seconds.usual", "5 to 30"),
        ("yes for true", BACK, r"= false", '= "yes"', "say.setup_each_side", "true, false"),
        ("dose of one number", BACK, r"repetitions = {.*}", "repetitions = 1", "dose.repetitions", "table"),
        ("cue of one text", BACK, r"(?s)\[\[say.middle\]\].*", "[say.middle]", "middle", "[[say.middle]]"),
        ("one count for many", HIP, r"= \[1\]", "= 1", "say.middle.repetitions", "list of whole numbers"),
        ("text for stretches", SCIATICA, r"stretches = .*", "stretches = 4", "stretches", "list of texts"),
        # out of range
        ("usual over most", BACK, r"usual = 20", "usual = 31", "dose.hold_seconds.usual", "5 to 30"),
        ("no time at all", BACK, r"least = 5", "least = 0", "dose.hold_seconds.least", "1 to 120"),
        ("three minutes", BACK, r"most = 30", "most = 180", "dose.hold_seconds.most", "5 to 120"),
        ("most under least", BACK, r"most = 30", "most = 4", "dose.hold_seconds.most", "5 to 120"),
        ("no repetition", CURL, r"usual = 8, least = 1", "usual = 8, least = 0", "repetitions.least", "1 to"),
        ("unknown sides", LEG, r'"chosen leg"', '"any leg"', "dose.sides", "chosen leg"),
        ("cue at no time", CURL, r"from_seconds = 8", "from_seconds = 0", "middle.from_seconds", "1 to 120"),
        ("repetition nought", CURL, r"\[1, 4, 8\]", "[0, 4]", "say.middle.repetitions", "from 1 to 60"),
        (
            "near end too soon",
            BACK,
            r"from_seconds = 15",
            "from_seconds = 5",
            "near_end.from_seconds",
            "6 to 120",
        ),
        ("nothing left", BACK, r"left_seconds = 5", "left_seconds = 0", "near_end.left_seconds", "1 to"),
        ("unknown pain tier", "safety.toml", r"sore = 4", "sore = 5", "pains.sore", "3 to 4"),
        ("unknown sign tier", "safety.toml", r"fever = 2", "fever = 9", "signs.fever", "0 to 2"),
        # texts
        ("blank name", BACK, r'name = ".*"', 'name = "  "', "name", "not blank"),
        ("blank line", BACK, r"title = .*", 'title = ""', "say.title", "not blank"),
        ("blank variant", "lines.toml", r'"Hello again."', '" "', "welcome_back", "blank"),
        (
            "no variants",
            "lines.toml",
            r"welcome_back = .*",
            "welcome_back = []",
            "welcome_back",
            "list of texts",
        ),
        ("no stretches", SCIATICA, r"stretches = .*", "stretches = []", "stretches", "list of texts"),
        ("no numbers", "words.toml", r"(?s)numbers = \[.*?\]", "numbers = []", "numbers", "list of texts"),
        ("pause without unit", BACK, r"\[3s\]", "[3]", "say.setup", "[3s]"),
        ("pause without end", BACK, r"\[3s\]", "[3s", "say.setup", "[3s]"),
        ("pause of nothing", BACK, r"\[3s\]", "[0s]", "say.setup", "longer than nothing"),
        ("markup", CURL, r"Rest\.", "<b>Rest.</b>", "say.rest", "[3s]"),
        ("pause in one breath", CURL, r'hold = "Hold\.', 'hold = "Hold. [1s]', "say.hold", "no pauses"),
        ("pause in a cue", BACK, r"Five more", "[1s] Five more", "say.near_end.text", "no pauses"),
        ("routine pause", SCIATICA, r"\[4s\]", "[four]", "getting_down_brief", "[3s]"),
        # placeholders
        ("unknown placeholder", BACK, r"{side}\. Breathe", "{sid}. Breathe", "say.into", "{side}"),
        ("numbered placeholder", BACK, r"{hold} seconds", "{0}", "say.hold", "{hold}"),
        ("placeholder's part", BACK, r"{hold} seconds", "{hold.real}", "say.hold", "{hold}"),
        ("formatted placeholder", BACK, r"{hold} seconds", "{hold:d}", "say.hold", "{hold}"),
        ("lone brace", BACK, r"{hold} seconds", "{hold", "say.hold", "{hold}"),
        ("placeholder in a cue", BACK, r"{other} shoulder", "{elbow}", "say.middle.text", "{other}"),
        ("side where there is none", CURL, r"your knees\. \[2s\]", "your {side} knee.", "say.into", "{hold}"),
        ("region in a plan", CURL, r"Soft shoulders", "Ask a {physio}", "say.middle.text", "{hold}"),
        ("seconds outside the plan", LEG, r"let_go = .*", 'let_go = "{hold}"', "say.let_go", "{side}"),
        ("side name of the other", LEG, r"{side} leg", "{other} leg", "side_name", "{side}"),
        ("side in the reasons", LEG, r"This one", "The {side} one", "why", "{physio}"),
        ("side of the routine", SCIATICA, r"Lie on your back", "Lie on your {side}", "getting_down", "none"),
        # routines
        ("unknown stretch", SCIATICA, r'"hamstring"', '"hamster"', "stretches", "hamstring"),
        ("stretch named twice", SCIATICA, r'"hamstring"', '"lower_back"', "stretches", "repetitions"),
        # other tables
        ("unknown side", "words.toml", r"left =", "lift =", "sides.lift", "left"),
        ("no word for half", "words.toml", r"half = .*", "", "half", "text is needed"),
        ("no other region", "regions.toml", r"\[other\]", "[elsewhere]", "other", "unknown locale"),
        (
            "region without a number",
            "regions.toml",
            r"emergency = .*",
            "",
            "en-US.emergency",
            "text is needed",
        ),
        ("unknown safety table", "safety.toml", r"\[signs\]", "[warnings]", "warnings", "signs"),
        # not TOML
        ("quote left open", BACK, r'stretch"\n', "stretch\n", "file", "not TOML"),
        ("key given twice", BACK, r'name = ".*"', 'name = "a"\nname = "b"', "file", "not TOML"),
    )
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the English content, to spoil."""
    return Path(shutil.copytree(ENGLISH, tmp_path / "en"))


def test_the_copy_is_fine_as_it_is(folder: Path) -> None:
    assert read_content(folder, "en").routine("sciatica").name == "sciatica routine"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_slip_of_the_pen_is_named(folder: Path, fault: Fault) -> None:
    file = folder / fault.file
    spoilt, count = re.subn(fault.old, lambda _: fault.new, file.read_text("utf-8"), count=1)
    assert count == 1
    file.write_text(spoilt, "utf-8")
    with pytest.raises(ContentError) as refused:
        read_content(folder, "en")
    assert refused.value.file.endswith(fault.file)
    assert refused.value.key.endswith(fault.key)
    assert fault.allowed in refused.value.problem
    assert f"{fault.file}: " in str(refused.value)


def test_a_file_that_is_not_utf_8_is_named(folder: Path) -> None:
    (folder / BACK).write_bytes(b'name = "r\xfcckwarts"')
    with pytest.raises(ContentError, match=r"lower_back\.toml: file: is not TOML: .*utf-8"):
        read_content(folder, "en")


@pytest.mark.parametrize("name", ["words", "lines", "regions", "safety", "help"])
def test_a_file_that_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / f"{name}.toml").unlink()
    with pytest.raises(ContentError, match=rf"{name}\.toml: file: cannot be read"):
        read_content(folder, "en")


@pytest.mark.parametrize("name", ["stretches", "routines"])
def test_a_folder_that_is_missing_is_named(folder: Path, name: str) -> None:
    shutil.rmtree(folder / name)
    with pytest.raises(ContentError, match=f"{name}: folder: cannot be read"):
        read_content(folder, "en")


def test_an_unknown_routine_is_named_beside_those_there_are(folder: Path) -> None:
    with pytest.raises(ContentError, match="yoga: no such routine; allowed: sciatica"):
        read_content(folder, "en").routine("yoga")
