"""Captions: every spoken cue at its time, in a form that players read, cut where they are too many."""

import re
from dataclasses import replace
from io import BytesIO

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.render.captions import webvtt
from skill.routine.cue import Cue, CueKind, Step
from skill.routine.marks import BELL_MS, Marks
from skill.routine.settings import Leg, Settings
from skill.routine.timeline import Timeline
from tests.render.clips import heard, name_of, recorded, track_of
from tests.routine.choices import choices, steady, timeline_of

FULL = recorded(Settings(leg=Leg.BOTH))
CAPTION = re.compile(r"(\d\d):(\d\d):(\d\d)\.(\d{3}) --> (\d\d):(\d\d):(\d\d)\.(\d{3})\n(.+)\n")


def captions(text: str) -> list[tuple[int, int, str]]:
    """When each begins and ends in milliseconds, and what it says."""
    head, *blocks = text.split("\n\n")
    assert head.strip() == "WEBVTT"
    found = [CAPTION.fullmatch(block.rstrip("\n") + "\n") for block in blocks]
    return [(_ms(*m.groups()[:4]), _ms(*m.groups()[4:8]), m[9]) for m in found if m]


def _ms(hours: str, minutes: str, whole: str, thousandths: str) -> int:
    return ((int(hours) * 60 + int(minutes)) * 60 + int(whole)) * 1000 + int(thousandths)


@steady
@given(choices())
def test_a_caption_stands_while_its_words_are_heard(chosen: Settings) -> None:
    timeline = recorded(chosen)
    words = [each for each in heard(track_of(timeline)) if each[1] != "bell"]
    for (start, end, text), (at, name) in zip(captions(webvtt(timeline)), words, strict=True):
        assert name == name_of(text, chosen.pace)
        assert abs(start - at) <= 12
        assert end > start


def test_captions_end_with_their_cues() -> None:
    ends = [FULL.start(i + 1) for i, cue in enumerate(FULL.plan.cues) if cue.text]
    assert [end for _, end, _ in captions(webvtt(FULL))] == ends


@pytest.mark.parametrize("marks", Marks)
def test_a_bell_is_not_captioned(marks: Marks) -> None:
    timeline = recorded(Settings(), marks=marks)
    cues = timeline.plan.cues
    first = next(i for i, cue in enumerate(cues) if cue.step is Step.RELEASE)
    start = next(start for start, _, text in captions(webvtt(timeline)) if text == cues[first].text)
    assert start - timeline.start(first) == (0 if marks is Marks.SILENCE else BELL_MS)


def test_an_estimate_has_captions_too() -> None:
    timeline = timeline_of(Settings())
    said = [cue.text for cue in timeline.plan.cues if cue.text]
    assert [text for _, _, text in captions(webvtt(timeline))] == said


@steady
@given(st.data())
def test_those_that_are_over_are_left_out(data: st.DataObject) -> None:
    from_ms = data.draw(st.integers(0, FULL.length + 1000))
    every = captions(webvtt(FULL))
    assert captions(webvtt(FULL, from_ms)) == [each for each in every if each[1] > from_ms]


@steady
@given(st.integers(0, FULL.length), st.integers(10, 12_000))
def test_they_are_cut_between_two(from_ms: int, most: int) -> None:
    whole, cut = webvtt(FULL, from_ms), webvtt(FULL, from_ms, most)
    assert len(cut.encode()) <= most
    assert captions(cut) == captions(whole)[: len(captions(cut))]
    if cut != whole:
        following = captions(whole)[len(captions(cut))]
        assert len(cut.encode()) + len(following[2].encode()) + 33 > most


def test_a_player_reads_them() -> None:
    with av.open(BytesIO(webvtt(FULL).encode()), format="webvtt") as container:
        packets = [(packet.pts, bytes(packet).decode()) for packet in container.demux() if packet.size]
    assert packets == [(start, text) for start, _, text in captions(webvtt(FULL))]


def test_what_would_be_markup_is_escaped() -> None:
    cue = Cue(CueKind.SPEECH, Step.ARRIVE, "Left & right <b>now</b> --> go.")
    timeline = Timeline(replace(FULL.plan, cues=(cue,)), FULL.voice)
    assert "\nLeft &amp; right &lt;b&gt;now&lt;/b&gt; --&gt; go.\n" in webvtt(timeline)
