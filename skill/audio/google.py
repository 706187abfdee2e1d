"""Google Translate's voice, through gTTS: an undocumented service, asked gently and not too often."""

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

from gtts import gTTS
from gtts.tts import gTTSError

from skill.audio.parts import in_parts
from skill.audio.pcm import Pcm, decoded, samples, silence
from skill.audio.synthesizer import VoiceError
from skill.audio.trim import LEAD_MS, trimmed

MOST_CHARACTERS = 100
"""The service takes no more at a time."""
PAUSE_S = 0.5
"""Between two requests."""
RETRIES_S = (1.0, 2.0, 4.0, 8.0)
"""How long to wait before each try after the first."""
LONGEST_WAIT_S = 120.0
"""A service that wants to be left alone for longer has refused."""

_PART_TAIL_MS = 30
_GAPS_MS = {**dict.fromkeys(".!?", 350), **dict.fromkeys(",;:", 180)}
_GAP_MS = 40


class Google:
    """The voice for one language.

    tld: how the name of the host that is asked ends. timeouts_s: to connect, and for an answer.
    """

    def __init__(
        self,
        language: str,
        sleep: Callable[[float], None] = time.sleep,
        tld: str = "com",
        timeouts_s: tuple[float, float] = (5, 20),
    ) -> None:
        self._language, self._sleep, self._tld, self._timeouts_s = language, sleep, tld, timeouts_s
        self._asked = False

    def pcm(self, text: str) -> Pcm:
        """`text` as it is spoken, a request for each part of it. Raises VoiceError."""
        parts = in_parts(text, MOST_CHARACTERS)
        spoken = silence(0)
        for part in parts:
            spoken += trimmed(self._part(part), LEAD_MS, _PART_TAIL_MS)
            spoken += silence(samples(_GAPS_MS.get(part[-1], _GAP_MS)))
        return spoken

    def _part(self, text: str) -> Pcm:
        mp3 = self._patiently(text)
        if not mp3:
            raise VoiceError("Google Translate answered without audio")
        try:
            pcm = decoded(mp3)
            trimmed(pcm)
        except ValueError as wrong:
            raise VoiceError(f"Google Translate answered with audio that is damaged: {wrong}") from None
        return pcm

    def _patiently(self, text: str) -> bytes:
        """The MP3 of `text`, asked for again where that may help."""
        for wait_s in (*RETRIES_S, None):
            try:
                return self._request(text)
            except gTTSError as wrong:
                if wait_s is None or not _may_help(wrong):
                    raise VoiceError(_reason(wrong)) from None
                self._sleep(max(wait_s, _retry_after_s(wrong)))
            except ValueError:
                raise VoiceError("Google Translate answered with something that is no audio") from None
        raise AssertionError("the last try returns or raises")

    def _request(self, text: str) -> bytes:
        if self._asked:
            self._sleep(PAUSE_S)
        self._asked = True
        options = {"tld": self._tld, "pre_processor_funcs": [], "timeout": self._timeouts_s}
        try:
            speech = gTTS(text, lang=self._language, **options)
        except ValueError as wrong:
            raise VoiceError(str(wrong)) from None
        return b"".join(speech.stream())


def _may_help(wrong: gTTSError) -> bool:
    """Whether another try may succeed: too many requests, trouble at their end, or no answer."""
    if wrong.rsp is None:
        return True
    busy = wrong.rsp.status_code == 429 or wrong.rsp.status_code >= 500
    return busy and _retry_after_s(wrong) <= LONGEST_WAIT_S


def _reason(wrong: gTTSError) -> str:
    answer = wrong.rsp
    if answer is None:
        return f"Google Translate cannot be reached ({type(wrong.__context__).__name__})"
    if answer.status_code == 200:
        return "Google Translate answered without audio"
    wait_s = _retry_after_s(wrong)
    later = f", and wants to be asked again in {wait_s:.0f} seconds" if wait_s else ""
    return f"Google Translate answered {answer.status_code} {answer.reason}{later}"


def _retry_after_s(wrong: gTTSError) -> float:
    """How long the answer asks us to wait, in seconds or until a time; 0 where it does not."""
    headers: Any = wrong.rsp.headers if wrong.rsp is not None else {}
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        until, now = (parsedate_to_datetime(each) for each in (asked, headers.get("Date", "")))
        return max((until - now).total_seconds(), 0)
    except (TypeError, ValueError):
        return 0
