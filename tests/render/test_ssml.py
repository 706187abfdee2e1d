"""SSML within Alexa's limits: well-formed, no break over ten seconds, silences exact."""

from collections.abc import Iterable
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.render.ssml import ROOM, speak
from skill.routine.cue import Cue, CueKind, Step
from skill.routine.settings import Pace
from skill.routine.timeline import TimedCue, Timeline
from skill.routine.units import DurationMs
from tests.routine.choices import NAMES, ROUTINE, every_timeline, positions, steady, timelines

SPEECH = Cue(CueKind.SPEECH, Step.ANSWER)
ROUGH = st.text(st.sampled_from("&<>\"'`;#x0a \t\n\x00\x07\x0b\x1b\x7f\ufffe\ud800é世🙂[]{}ab"), max_size=60)


def parsed(ssml: str) -> ElementTree.Element:
    return ElementTree.fromstring(ssml)


def length(time: str) -> int:
    """A break's time in milliseconds."""
    return int(time.removesuffix("ms")) if time.endswith("ms") else int(time.removesuffix("s")) * 1000


def check(cues: Iterable[TimedCue], pace: Pace) -> None:
    """Only tags that Alexa knows, breaks within its limit, and silences and words as in `cues`."""
    cues = tuple(cues)
    tree = parsed(speak(cues, pace))
    breaks = [length(tag.attrib["time"]) for tag in tree.iter("break")]
    assert tree.tag == "speak"
    assert {tag.tag for tag in tree.iter()} <= {"speak", "break", "prosody"}
    assert all(tag.attrib == {"rate": "85%"} for tag in tree.iter("prosody"))
    assert all(0 < ms <= 10_000 for ms in breaks)
    assert sum(breaks) == sum(cue.duration for cue in cues if cue.cue.kind is not CueKind.SPEECH)
    spoken = [cue.cue.text for cue in cues if cue.cue.kind is CueKind.SPEECH]
    assert "".join(tree.itertext()).split() == " ".join(spoken).split()
    assert len(list(tree.iter("prosody"))) == (len(spoken) if pace is Pace.SLOW else 0)


@pytest.mark.parametrize("name", NAMES)
def test_every_choice_for_a_stretch_is_good_ssml(name: str) -> None:
    for timeline in every_timeline(ROUTINE.stretch(name)):
        check(timeline.cut(timeline.at(0), len(timeline)), timeline.plan.settings.pace)


@steady
@given(timelines(), st.data())
def test_any_part_of_a_routine_is_good_ssml(timeline: Timeline, data: st.DataObject) -> None:
    start = data.draw(positions(timeline))
    cues = timeline.cut(start, data.draw(st.integers(start.index, len(timeline))))
    if cues:
        check(cues, timeline.plan.settings.pace)


@steady
@given(st.lists(st.one_of(ROUGH, st.text(max_size=40)), min_size=1, max_size=5), st.sampled_from(Pace))
def test_no_text_breaks_the_markup(texts: list[str], pace: Pace) -> None:
    cues = tuple(TimedCue(Cue(CueKind.SPEECH, Step.ANSWER, text), DurationMs(1)) for text in texts)
    tree = parsed(speak(cues, pace))
    assert {tag.tag for tag in tree.iter()} <= {"speak", "prosody"}


@steady
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1))
def test_what_can_be_said_is_said_unchanged(text: str) -> None:
    cue = TimedCue(Cue(CueKind.SPEECH, Step.ANSWER, text), DurationMs(1))
    assert parsed(speak((cue,))).text == text


@steady
@given(st.integers(0, 600_000))
def test_a_silence_of_any_length_is_exact(ms: int) -> None:
    tree = parsed(speak((TimedCue(Cue(CueKind.WAIT, Step.ANSWER), DurationMs(ms)),)))
    assert sum(length(tag.attrib["time"]) for tag in tree) == ms
    assert len(tree) == -(-ms // 10_000)


def test_saying_nothing_is_no_ssml() -> None:
    assert speak(()) == speak((), Pace.SLOW) == ""


@steady
@given(timelines(), st.data())
def test_the_room_counts_no_less_than_a_cue_takes(timeline: Timeline, data: st.DataObject) -> None:
    start = data.draw(positions(timeline))
    for cue in timeline.cut(start, len(timeline)):
        for pace in Pace:
            assert ROOM.size(cue) > len(speak((cue,), pace)) - len("<speak></speak>")
