"""The library: what is kept stays, and nothing half-written is ever given out."""

import json
import multiprocessing
import random
import threading
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from skill.audio.clip_cache import ClipCache
from skill.audio.library import SOUNDS, Library
from skill.audio.manifest import NAME
from skill.render.audio import FRAME_BYTES, FRAME_MS
from skill.routine.settings import Pace
from tests.audio.clips import clip, text
from tests.audio.writer import die_before, write_for_ever
from tests.killing import last_told

KILLS = 12
MOST_CLIPS = 8
NORMAL, SLOW = Pace.NORMAL, Pace.SLOW


def again(library: Library) -> Library:
    """The same folder, as another process sees it."""
    return Library(library.folder.parent.parent, library.voice, library.language)


def files(library: Library) -> list[Path]:
    """Its clips."""
    return sorted(library.folder.glob("*.mp3"))


def manifest(library: Library) -> Path:
    return library.folder / NAME


def test_a_missing_folder_is_an_empty_library(espeak: Library) -> None:
    assert dict(espeak.lengths) == {}
    assert (espeak.speech("Hold.", NORMAL), espeak.sound("bell")) == (None, None)
    assert (espeak.digest("Hold.", NORMAL), espeak.sound_digest("bell"), espeak.size) == ("", "", 0)
    assert espeak.missing(["Hold."]) == ["Hold."]
    assert not espeak.folder.exists()


def test_what_is_added_is_there_for_everyone(espeak: Library) -> None:
    espeak.add_speech(text(1), NORMAL, clip(1))
    espeak.add_speech(text(1), SLOW, clip(2))
    espeak.add_speech(text(3), NORMAL, clip(3))
    espeak.add_sound("bell", clip(4))
    for library in (espeak, again(espeak)):
        assert library.speech(text(1), NORMAL) == clip(1)
        assert library.speech(text(1), SLOW) == clip(2)
        assert library.sound("bell") == clip(4)
        assert library.speech("bell", NORMAL) is None
        assert library.missing([text(1), text(3), "Hold."]) == [text(3), "Hold."]
        assert library.size == sum(len(clip(number)) for number in (1, 2, 3, 4))
        assert library.lengths == {
            (text(number), pace): len(clip(length)) // FRAME_BYTES * FRAME_MS
            for number, pace, length in ((1, NORMAL, 1), (1, SLOW, 2), (3, NORMAL, 3))
        }


def test_lengths_are_one_mapping_until_a_clip_comes(espeak: Library) -> None:
    espeak.add_speech(text(1), NORMAL, clip(1))
    before = espeak.lengths
    assert espeak.lengths is before
    again(espeak).add_speech(text(2), NORMAL, clip(2))
    assert espeak.lengths is not before
    assert len(before) == 1


def test_a_digest_changes_exactly_when_the_clip_does(espeak: Library) -> None:
    espeak.add_speech(text(1), NORMAL, clip(1))
    first = espeak.digest(text(1), NORMAL)
    espeak.add_speech(text(1), NORMAL, clip(1))
    assert espeak.digest(text(1), NORMAL) == first
    espeak.add_speech(text(1), NORMAL, clip(2))
    assert espeak.digest(text(1), NORMAL) != first
    assert espeak.speech(text(1), NORMAL) == clip(2)


@pytest.mark.parametrize("damaged", [b"", clip(1) + b"x", clip(1)[:-1]])
def test_what_is_not_whole_frames_is_refused(espeak: Library, damaged: bytes) -> None:
    with pytest.raises(ValueError, match="whole frames"):
        espeak.add_speech("Hold.", NORMAL, damaged)
    assert espeak.lengths == {}


@pytest.mark.parametrize("spoilt", [clip(1)[:-FRAME_BYTES], clip(1)[:-1], clip(2, 4), b"", None])
def test_a_clip_whose_file_is_not_what_was_written_is_missing(espeak: Library, spoilt: bytes | None) -> None:
    espeak.add_speech(text(1), NORMAL, clip(1))
    espeak.add_speech(text(1), SLOW, clip(1))
    running = again(espeak)
    assert running.lengths
    for file in files(espeak):
        file.unlink() if spoilt is None else file.write_bytes(spoilt)
    for library in (running, again(espeak)):
        assert library.speech(text(1), NORMAL) is None
        assert library.speech(text(1), SLOW) is None
        assert library.digest(text(1), NORMAL) == ""
        assert library.lengths == {}
        assert library.missing([text(1)]) == [text(1)]
    running.add_speech(text(1), NORMAL, clip(1))
    assert running.speech(text(1), NORMAL) == again(espeak).speech(text(1), NORMAL) == clip(1)


@pytest.mark.parametrize("cut", [1, 2, 30])
def test_a_torn_last_line_is_passed_over_and_does_not_spoil_the_next(espeak: Library, cut: int) -> None:
    espeak.add_speech(text(1), NORMAL, clip(1))
    espeak.add_speech(text(2), NORMAL, clip(2))
    manifest(espeak).write_bytes(manifest(espeak).read_bytes()[:-cut])
    library = again(espeak)
    assert [said for said, _ in library.lengths] == [text(1)]
    library.add_speech(text(3), NORMAL, clip(3))
    assert {said for said, _ in again(espeak).lengths} >= {text(1), text(3)}
    assert again(espeak).speech(text(3), NORMAL) == library.speech(text(3), NORMAL) == clip(3)


def test_lines_that_are_no_entries_are_passed_over(espeak: Library) -> None:
    espeak.add_speech(text(1), NORMAL, clip(1))
    whole = json.loads(manifest(espeak).read_text("utf-8"))
    wrong = [
        *([], 5, "x", None, {}, {**whole, "more": 1}, {**whole, "frames": "3"}, {**whole, "frames": True}),
        *({**whole, "digest": 5}, {**whole, "key": "../../etc"}, {**whole, "frames": -1}),
        *({**whole, "made_by": "nobody"}, {**whole, "text": "Never said."}, {**whole, "pace": "hasty"}),
    ]
    with manifest(espeak).open("ab") as file:
        file.write(b"\n\xff\xfe\n{\n" + b"".join(json.dumps(line).encode() + b"\n" for line in wrong))
    assert list(again(espeak).lengths) == list(espeak.lengths) == [(text(1), NORMAL)]


def test_clips_that_were_made_otherwise_are_not_used(espeak: Library) -> None:
    espeak.add_speech(text(1), NORMAL, clip(1))
    line = json.loads(manifest(espeak).read_text("utf-8"))
    file, other_key = files(espeak)[0], "0123456789"
    file.rename(file.with_name(file.name.replace(line["key"], other_key)))
    manifest(espeak).write_text(json.dumps({**line, "key": other_key}) + "\n", "utf-8")
    assert again(espeak).lengths == {}


def test_each_voice_has_its_own_clips(espeak: Library, gtts: Library) -> None:
    espeak.add_speech(text(1), NORMAL, clip(1))
    assert gtts.speech(text(1), NORMAL) is None
    gtts.add_speech(text(1), NORMAL, clip(2))
    assert {file.name for file in files(gtts)}.isdisjoint(file.name for file in files(espeak))
    assert espeak.speech(text(1), NORMAL) == clip(1)


def test_a_voice_that_stands_in_gives_way_to_the_librarys_own(gtts: Library) -> None:
    gtts.add_speech(text(1), NORMAL, clip(1), "espeak")
    gtts.add_speech(text(1), SLOW, clip(1), "espeak")
    gtts.add_speech(text(2), NORMAL, clip(2))
    assert gtts.missing([text(1)]) == []
    assert gtts.lent([text(1), text(2), "Hold."]) == [text(1)]
    assert again(gtts).speech(text(1), NORMAL) == clip(1)
    gtts.add_speech(text(1), NORMAL, clip(3))
    gtts.add_speech(text(1), NORMAL, clip(4), "espeak")
    for library in (gtts, again(gtts)):
        assert library.speech(text(1), NORMAL) == clip(3)
        assert library.speech(text(1), SLOW) == clip(1)


def test_a_folder_that_is_deleted_or_begun_anew_is_noticed(espeak: Library) -> None:
    espeak.add_speech(text(1), NORMAL, clip(1))
    running = again(espeak)
    assert running.speech(text(1), NORMAL)
    for file in espeak.folder.iterdir():
        file.unlink()
    assert running.lengths == {}
    assert running.speech(text(1), NORMAL) is None
    again(espeak).add_speech(text(2), NORMAL, clip(2))
    assert [said for said, _ in running.lengths] == [text(2)]


def test_a_folder_that_cannot_be_read_is_an_empty_library(espeak: Library) -> None:
    espeak.folder.parent.mkdir(parents=True)
    espeak.folder.write_bytes(b"a file")
    assert espeak.lengths == {}
    with pytest.raises(OSError, match="exists"):
        espeak.add_speech(text(1), NORMAL, clip(1))


def test_a_clip_is_read_once_and_no_more_are_kept_than_fit(espeak: Library) -> None:
    espeak.add_speech(text(1), NORMAL, clip(1))
    first = espeak.speech(text(1), NORMAL)
    files(espeak)[0].unlink()
    assert espeak.speech(text(1), NORMAL) is first
    cache = ClipCache(100)
    for name in "abc":
        cache.put(name, b"x" * 40)
    assert [name for name in "abc" if cache.get(name)] == ["b", "c"]
    cache.get("b")
    cache.put("d", b"x" * 60)
    assert [name for name in "abcd" if cache.get(name)] == ["b", "d"]
    cache.put("e", b"x" * 101)
    cache.put("d", b"x" * 10)
    assert cache.get("e") is None


@pytest.fixture
def processes() -> ForkServerContext:
    """Starts processes that have everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.audio.writer"])
    return context


@pytest.mark.parametrize("function", ["replace", "open"])
def test_a_clip_whose_writer_is_killed_midway_is_missing(
    espeak: Library, processes: ForkServerContext, function: str
) -> None:
    ours, theirs = processes.Pipe(duplex=False)
    process = processes.Process(target=die_before, args=(function, espeak.folder.parent.parent, theirs))
    process.start()
    theirs.close()
    process.join()
    ours.close()
    assert process.exitcode == -9
    process.close()
    assert espeak.speech(text(0), NORMAL) is None
    assert espeak.missing([text(0)]) == [text(0)]
    espeak.add_speech(text(0), NORMAL, clip(0))
    assert espeak.speech(text(0), NORMAL) == clip(0)


def test_whenever_a_writer_is_killed_all_it_acknowledged_is_there_and_all_there_is_whole(
    espeak: Library, processes: ForkServerContext
) -> None:
    chance, last = random.Random(5), -1
    for _ in range(KILLS):
        given = (espeak.folder.parent.parent, last + 1)
        last = last_told(processes, write_for_ever, *given, after=chance.randint(1, MOST_CLIPS))
        acknowledged = [text(number) for number in range(last + 1)]
        for library in (espeak, again(espeak)):
            assert library.missing(acknowledged) == []
        numbers = {
            number for number in range(last + 3) for pace in Pace if (text(number), pace) in espeak.lengths
        }
        assert all(espeak.speech(text(number), NORMAL) == clip(number) for number in numbers)


def test_any_number_of_threads_read_while_clips_are_added(espeak: Library) -> None:
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for number in range(40):
                if espeak.speech(text(number), NORMAL) not in (None, clip(number)):
                    wrong.append(number)
            if any(length <= 0 for length in espeak.lengths.values()):
                wrong.append("length")

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    writers = [espeak, again(espeak)]
    for number in range(40):
        writers[number % 2].add_speech(text(number), NORMAL, clip(number))
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(espeak.lengths) == len(again(espeak).lengths) == 40


def test_a_clip_that_is_whole_again_is_given_out_again(
    espeak: Library, caplog: pytest.LogCaptureFixture
) -> None:
    espeak.add_speech(text(1), NORMAL, clip(1))
    running = again(espeak)
    (file,) = files(espeak)
    assert running.lengths
    file.write_bytes(b"")
    assert running.speech(text(1), NORMAL) is None
    assert file.name in caplog.text
    assert running.lengths == {}
    file.write_bytes(clip(1))
    assert running.lengths == {(text(1), NORMAL): len(clip(1)) // FRAME_BYTES * FRAME_MS}
    assert running.speech(text(1), NORMAL) == clip(1)


def test_the_edition_changes_with_whatever_is_there(espeak: Library) -> None:
    editions = [espeak.snapshot.edition]
    espeak.add_speech(text(1), NORMAL, clip(1))
    editions.append(espeak.snapshot.edition)
    espeak.add_speech(text(1), NORMAL, clip(2, 4))
    editions.append(espeak.snapshot.edition)
    assert not espeak.snapshot.has_sounds
    for name in SOUNDS:
        espeak.add_sound(name, clip(1))
    editions.append(espeak.snapshot.edition)
    assert espeak.snapshot.has_sounds
    assert len(set(editions)) == len(editions)
    assert again(espeak).snapshot == espeak.snapshot
