"""Clips of the offline voice, measured after decoding them."""

import subprocess
import sys
from itertools import product

import pytest

from skill.audio.bells import sounds
from skill.audio.clip import LOUDNESS_LUFS, make_clip
from skill.audio.mp3 import encoded
from skill.audio.pcm import FULL_SCALE, Pcm, decoded, resampled, samples, silence
from skill.audio.trim import LEAD_MS, TAIL_MS, trimmed
from skill.audio.voices import open_voice
from skill.render.audio import FRAME_BYTES, FRAME_MS, RATE_HZ, SILENT_FRAME
from skill.routine.marks import BELL_MS
from skill.routine.settings import Pace
from tests.audio.measure import (
    frames_of,
    integrated_lufs,
    onset_ms,
    peak_dbfs,
    rms_dbfs,
    stands_alone,
    tail_ms,
)

TEXTS = (
    "Hold.",
    "Rest for one easy breath.",
    "Five more seconds.",
    "Head and shoulders heavy. You want a stretch in the thigh, and nothing in the foot.",
    "The sole of your foot turns to the ceiling. Settle where you feel a stretch behind your thigh.",
)
CLIPS = {
    (text, pace): make_clip(open_voice("espeak", "en").pcm(text), pace) for text, pace in product(TEXTS, Pace)
}
every_clip = pytest.mark.parametrize("clip", CLIPS.values(), ids=[f"{t[:12]}-{p}" for t, p in CLIPS])


def tone(duration_ms: int, hz: int = 440, peak: float = 0.3) -> Pcm:
    """A square wave, which begins and ends at once."""
    pcm, level = silence(samples(duration_ms)), round(peak * FULL_SCALE)
    for index in range(len(pcm)):
        pcm[index] = level if index * hz * 2 // RATE_HZ % 2 else -level
    return pcm


@every_clip
def test_a_clip_is_whole_frames_that_stand_alone(clip: bytes) -> None:
    assert all(stands_alone(frame) for frame in frames_of(clip))


@every_clip
def test_a_clip_is_as_loud_as_every_other(clip: bytes) -> None:
    pcm = decoded(clip)
    assert peak_dbfs(pcm) < -1.5
    if len(pcm) > RATE_HZ:
        assert abs(integrated_lufs(clip) - LOUDNESS_LUFS) < 1


@every_clip
def test_words_begin_at_once_and_die_away(clip: bytes) -> None:
    pcm = decoded(clip)
    assert 20 < onset_ms(pcm) < 45
    assert 100 < tail_ms(pcm) < 230
    assert peak_dbfs(pcm[-samples(15) :]) < -60


@pytest.mark.parametrize("text", TEXTS)
def test_the_slow_clip_is_as_much_longer_as_the_rate_is_slower(text: str) -> None:
    normal, slow = (len(CLIPS[text, pace]) // FRAME_BYTES * FRAME_MS for pace in Pace)
    assert slow * 0.85 == pytest.approx(normal, abs=2.5 * FRAME_MS)


@pytest.mark.parametrize("length", [1, 575, 576, 577, 1152, 24_000])
def test_sound_is_heard_one_frame_after_the_clip_begins_and_none_is_lost(length: int) -> None:
    pcm = silence(24_000)
    pcm[0] = pcm[length - 1] = 20_000
    clip = encoded(pcm[:length])
    assert len(clip) == (-(-length // 576) + 1) * FRAME_BYTES
    heard = decoded(clip + SILENT_FRAME * 3)
    loudest = sorted(range(len(heard)), key=lambda index: -abs(heard[index]))[0]
    assert loudest in (576, 576 + length - 1)
    assert abs(heard[576]) > 5000
    assert abs(heard[576 + length - 1]) > 5000


def test_clips_can_be_put_together_as_bytes() -> None:
    first, second = CLIPS[TEXTS[0], Pace.NORMAL], CLIPS[TEXTS[1], Pace.NORMAL]
    together = decoded(first + SILENT_FRAME * 50 + second)
    alone = decoded(second)
    shift = len(first) // FRAME_BYTES * 576 + 50 * 576
    apart = [abs(a - b) for a, b in zip(together[shift:], alone, strict=True)]
    assert max(apart) <= 2
    assert peak_dbfs(together[shift - 40 * 576 : shift]) < -85


@pytest.mark.parametrize(("before", "after"), [(0, 0), (3, 0), (500, 700), (0, 20)])
def test_a_recording_is_trimmed_to_the_same_lead_and_tail(before: int, after: int) -> None:
    spoken = silence(samples(before)) + tone(600) + silence(samples(after))
    assert len(trimmed(spoken)) == pytest.approx(samples(600 + LEAD_MS + TAIL_MS), abs=samples(5))
    assert onset_ms(trimmed(spoken)) == pytest.approx(LEAD_MS, abs=5)


def test_hiss_is_trimmed_and_a_quiet_voice_is_not() -> None:
    hiss = tone(300, 3000, 0.0005)
    assert len(trimmed(hiss + tone(600) + hiss)) == samples(600 + LEAD_MS + TAIL_MS)
    assert len(trimmed(silence(4800) + tone(600, peak=0.01) + silence(4800))) == samples(600 + 155)


@pytest.mark.parametrize("nothing", [silence(0), silence(24_000), tone(100, peak=0.0005)])
def test_where_nothing_is_heard_there_is_no_clip(nothing: Pcm) -> None:
    with pytest.raises(ValueError, match="nothing is heard"):
        make_clip(nothing, Pace.NORMAL)


@pytest.mark.parametrize("peak", [0.01, 0.2, 0.99])
def test_a_voice_is_made_as_loud_whatever_it_was(peak: float) -> None:
    assert abs(integrated_lufs(make_clip(tone(2000, peak=peak), Pace.NORMAL)) - LOUDNESS_LUFS) < 1


def test_resampling_keeps_the_length() -> None:
    assert len(resampled(silence(22_050 * 3), 22_050)) == pytest.approx(RATE_HZ * 3, abs=40)


def test_the_bell_is_gentle_and_dies_away_in_its_time() -> None:
    bell = sounds()["bell"]
    assert len(bell) // FRAME_BYTES * FRAME_MS == BELL_MS
    assert all(stands_alone(frame) for frame in frames_of(bell))
    pcm = decoded(bell)
    assert 20 < onset_ms(pcm, within_db=26) < 45
    assert -24 < peak_dbfs(pcm) < -15
    loudest = max(rms_dbfs(pcm[start : start + 2400]) for start in range(0, len(pcm), 2400))
    assert loudest < LOUDNESS_LUFS - 6
    levels = [rms_dbfs(pcm[samples(ms) : samples(ms + 100)]) for ms in range(24, 700, 100)]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] < -60
    assert peak_dbfs(pcm[-samples(24) :]) < -60


def test_the_tick_is_short_and_softer_than_the_bell() -> None:
    bell, tick = (sounds()[name] for name in ("bell", "tick"))
    assert 1 <= len(tick) // FRAME_BYTES <= 3
    assert 20 < onset_ms(decoded(tick), within_db=20) < 45
    assert peak_dbfs(decoded(tick)) < peak_dbfs(decoded(bell)) - 6


def test_sounds_are_the_same_bytes_each_time() -> None:
    told = "from skill.audio.bells import sounds; print(sorted((k, v.hex()) for k, v in sounds().items()))"
    other = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str(sorted((name, frames.hex()) for name, frames in sounds().items()))
