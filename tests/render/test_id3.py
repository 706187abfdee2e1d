"""The tag in front of an MP3: players find its title and its chapters, and the sound behind it untouched."""

from io import BytesIO

import av
import pytest

from skill.render.chapters import Chapter, chapters
from skill.render.id3 import id3_tag
from skill.routine.cue import Step
from skill.routine.settings import Leg, Settings
from skill.routine.timeline import Timeline
from skill.routine.units import DurationMs
from tests.render.clips import recorded, track_of
from tests.routine.choices import CONTENT, LEGS

FULL = recorded(Settings(leg=Leg.BOTH))


def synchsafe(size: bytes) -> int:
    assert all(byte < 128 for byte in size)
    return sum(byte << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=True))


def made(*titles: str) -> tuple[Chapter, ...]:
    return tuple(Chapter(t, DurationMs(1000 * i), DurationMs(1000 * i + 1000)) for i, t in enumerate(titles))


@pytest.mark.parametrize("leg", LEGS)
def test_there_is_a_chapter_for_each_side_of_each_stretch(leg: Leg | None) -> None:
    timeline = recorded(Settings(leg=leg))
    found = chapters(timeline, CONTENT.words)
    inner = [chapter.title for chapter in found[1:-1]]
    sides = (
        ["left leg"]
        if leg is Leg.LEFT
        else ["right leg"]
        if leg is not Leg.BOTH
        else ["right leg", "left leg"]
    )
    assert inner == [
        *("Lower back stretch, knees to the left", "Lower back stretch, knees to the right"),
        *(f"Hamstring stretch, {side}" for side in sides),
        "Back flexion stretch",
        *("Piriformis stretch, right leg", "Piriformis stretch, left leg"),
    ]
    assert found[0].title == "Lie on your back"
    assert found[-1].title == "That is everything for now"


def test_chapters_follow_each_other_from_start_to_end() -> None:
    found = chapters(FULL, CONTENT.words)
    assert found[0].start == 0
    assert found[-1].end == FULL.length
    assert [each.start for each in found[1:]] == [each.end for each in found[:-1]]


def test_a_chapter_begins_with_its_title_or_with_the_way_to_the_other_side() -> None:
    starts = [chapter.start for chapter in chapters(FULL, CONTENT.words)]
    first = [FULL.plan.cues[FULL.at(start).index].step for start in starts]
    assert first[0] is Step.ARRIVE
    assert first[-1] is Step.LEAVE
    assert set(first[1:-1]) == {Step.TITLE, Step.SWITCH}


def test_the_frames_of_the_tag_are_as_long_as_they_say() -> None:
    tag = id3_tag("Title", DurationMs(61_000), made("One", "Two"))
    assert tag[:6] == b"ID3\x03\0\0"
    assert synchsafe(tag[6:10]) == len(tag) - 10
    names, at = [], 10
    while at < len(tag):
        names.append(tag[at : at + 4])
        at += 10 + int.from_bytes(tag[at + 4 : at + 8], "big")
    assert names == [b"TIT2", b"TLEN", b"CTOC", b"CHAP", b"CHAP"]
    assert at == len(tag)


def read(
    timeline: Timeline, title: str, *titles: str
) -> tuple[dict[str, str], list[tuple[int, int, str]], bytes]:
    """What a player finds: the tags, the chapters in milliseconds, and the MP3."""
    track = track_of(timeline)
    found = made(*titles) if titles else chapters(timeline, CONTENT.words)
    file = BytesIO(id3_tag(title, track.duration_ms, found) + b"".join(track.read()))
    with av.open(file, format="mp3") as container:
        tags = dict(container.metadata)
        marked = [
            (
                round(each["start"] * each["time_base"] * 1000),
                round(each["end"] * each["time_base"] * 1000),
                each,
            )
            for each in container.chapters()
        ]
        sound = b"".join(bytes(packet) for packet in container.demux(audio=0))
    return tags, [(start, end, each["metadata"]["title"]) for start, end, each in marked], sound


def test_a_player_finds_the_title_the_length_and_the_chapters() -> None:
    tags, marked, sound = read(FULL, "Sciatica routine")
    assert tags["title"] == "Sciatica routine"
    assert tags["TLEN"] == str(track_of(FULL).duration_ms)
    assert marked == [(each.start, each.end, each.title) for each in chapters(FULL, CONTENT.words)]
    assert sound == b"".join(track_of(FULL).read())


def test_titles_in_any_script() -> None:
    titles = ("Dehnung der Wade, linkes Bein", "Étirement du piriforme", "梨状筋ストレッチ")
    tags, marked, _ = read(FULL, "Übungen gegen Ischias 腰", *titles)
    assert tags["title"] == "Übungen gegen Ischias 腰"
    assert tuple(title for _, _, title in marked) == titles


def test_a_long_list_of_chapters_makes_a_tag_that_is_still_whole() -> None:
    tag = id3_tag("Title", DurationMs(1), made(*("A title of some length" for _ in range(300))))
    assert synchsafe(tag[6:10]) == len(tag) - 10
    assert tag.count(b"CHAP") == 255
