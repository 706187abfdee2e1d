"""Alexa's rules for a response, in one place: `check_response(envelope)`."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

MOST_CHARACTERS = 8_000
MOST_RESPONSE_BYTES = 24 * 1024
MOST_SESSION_BYTES = 1024
LONGEST_BREAK_MS = 10_000
MOST_TOKEN = 1_024
INVITATION = re.compile(r"\?$|^Say .+\.$|\b[Yy]es\b.*\bno\b.*\.$")
"""The last sentence before listening: a question, "Say ...", or the choice of yes and no."""

Part = str | int
"""What is heard: text, or a silence in milliseconds."""


def check_response(envelope: Mapping[str, Any]) -> None:
    """Raises AssertionError, naming the rule, where a response envelope breaks one."""
    response = envelope["response"]
    assert len(_compact(envelope)) < MOST_RESPONSE_BYTES, "the response is too large"
    assert len(_compact(envelope.get("sessionAttributes") or {})) < MOST_SESSION_BYTES, (
        f"the session attributes are too large: {len(_compact(envelope['sessionAttributes']))} bytes"
    )
    if not response:
        return
    parts = _parts(response.get("outputSpeech"))
    again = _parts((response.get("reprompt") or {}).get("outputSpeech"))
    assert isinstance(response.get("shouldEndSession"), bool), "it must be said whether the session ends"
    _check_directives(response)
    if response["shouldEndSession"]:
        assert "reprompt" not in response, "a session that ends has nothing to ask again"
        assert not parts or not last_sentence(parts).endswith("?"), f"asks, then ends: {parts[-1]!r}"
    else:
        _check_invites(parts, "speech")
        _check_invites(again, "reprompt")


def _check_directives(response: Mapping[str, Any]) -> None:
    plays = [d for d in response.get("directives", []) if d["type"] == "AudioPlayer.Play"]
    if plays:
        assert len(response["directives"]) == 1, "one stream, and nothing else to do with it"
        assert response["shouldEndSession"], "a stream does not play while a session is open"
        stream = plays[0]["audioItem"]["stream"]
        assert stream["url"].startswith("https://"), "a stream comes over https"
        assert len(stream["token"]) <= MOST_TOKEN


def said(envelope: Mapping[str, Any]) -> str:
    """The words of an answer, without silences."""
    parts = _parts(envelope["response"].get("outputSpeech"))
    return " ".join(part for part in parts if isinstance(part, str))


def silence_ms(envelope: Mapping[str, Any]) -> int:
    """How much of an answer is silence."""
    return sum(part for part in _parts(envelope["response"].get("outputSpeech")) if isinstance(part, int))


def last_sentence(parts: list[Part]) -> str:
    """The last sentence of what is heard; "" where it ends in silence."""
    last = parts[-1] if parts else ""
    return re.split(r"(?<=[.!?]) ", last)[-1] if isinstance(last, str) else ""


def _check_invites(parts: list[Part], where: str) -> None:
    assert parts, f"an open session needs a {where}"
    invitation = last_sentence(parts)
    words = " ".join(part for part in parts[-1:] if isinstance(part, str))
    assert INVITATION.search(invitation) or INVITATION.search(words), (
        f"the {where} ends in no invitation: {parts[-1]!r}"
    )


def _parts(speech: Mapping[str, Any] | None) -> list[Part]:
    """What is heard, in order. Raises AssertionError where it is no SSML that Alexa takes."""
    if not speech:
        return []
    assert speech["type"] == "SSML"
    ssml = str(speech["ssml"])
    assert len(ssml) <= MOST_CHARACTERS, f"the speech has {len(ssml)} characters"
    root = ElementTree.fromstring(ssml)
    assert root.tag == "speak"
    return list(_heard(root))


def _heard(element: ElementTree.Element) -> Iterator[Part]:
    if element.tag == "break":
        yield _break_ms(element.attrib["time"])
    else:
        assert element.tag in ("speak", "prosody"), f"<{element.tag}>"
    if text := (element.text or "").strip():
        yield text
    for child in element:
        yield from _heard(child)
        if tail := (child.tail or "").strip():
            yield tail


def _break_ms(time: str) -> int:
    found = re.fullmatch(r"(\d+)(ms|s)", time)
    assert found, f"a break of {time!r}"
    length = int(found[1]) * (1000 if found[2] == "s" else 1)
    assert 0 < length <= LONGEST_BREAK_MS, f"a break of {time}"
    return length


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
