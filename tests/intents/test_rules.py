"""The checker finds what breaks Alexa's rules, so that its silence means something."""

import pytest

from tests.intents.alexa import Json
from tests.intents.rules import check_response, said, silence_ms

ASK = "<speak>Shall we go on?</speak>"


def open_session(ssml: str, again: str = ASK, attributes: Json | None = None) -> Json:
    """A response that keeps the session open."""
    response: Json = {"outputSpeech": {"type": "SSML", "ssml": ssml}, "shouldEndSession": False}
    if again:
        response["reprompt"] = {"outputSpeech": {"type": "SSML", "ssml": again}}
    return {"version": "1.0", "response": response, "sessionAttributes": attributes or {}}


def closed_session(ssml: str) -> Json:
    """A response that ends the session."""
    answer = open_session(ssml, again="")
    answer["response"]["shouldEndSession"] = True
    return answer


def without_an_end() -> Json:
    """A response that does not say whether the session ends."""
    answer = open_session(ASK)
    del answer["response"]["shouldEndSession"]
    return answer


GOOD = {
    "a question": open_session(ASK),
    "a choice": open_session("<speak>Is it easing? Yes or no.</speak>"),
    "a suggestion": open_session(ASK, "<speak>Say resume to go on, or stop to finish.</speak>"),
    "a slow voice": open_session(
        '<speak><prosody rate="85%">Hold.</prosody><break time="10s"/>Ready?</speak>'
    ),
    "goodbye": closed_session("<speak>Take care.</speak>"),
    "nothing": {"version": "1.0", "response": {}},
}
BAD = {
    "8000 characters": (open_session(f"<speak>{'a' * 8000}?</speak>"), "characters"),
    "24 KB": ({**open_session(ASK), "x": "a" * 24_600}, "response is too large"),
    "1 KB": (open_session(ASK, attributes={"a": "ü" * 520}), "session attributes are too large"),
    "break in seconds": (open_session('<speak>One <break time="11s"/> Go on?</speak>'), "a break of"),
    "break in ms": (open_session('<speak>One <break time="10001ms"/> Go on?</speak>'), "a break of"),
    "no unit": (open_session('<speak>One <break time="5"/> Go on?</speak>'), "a break of"),
    "a tag": (open_session("<speak><b>Go on?</b></speak>"), "<b>"),
    "no prompt": (open_session("<speak>Paused.</speak>"), "speech ends in no invitation"),
    "a silence last": (
        open_session('<speak>Ready?<break time="5s"/></speak>'),
        "speech ends in no invitation",
    ),
    "no reprompt": (open_session(ASK, again=""), "needs a reprompt"),
    "a reprompt that asks nothing": (open_session(ASK, "<speak>Well.</speak>"), "reprompt ends in no"),
    "a question, then the end": (closed_session(ASK), "asks, then ends"),
    "neither open nor closed": (without_an_end(), "whether the session ends"),
}


@pytest.mark.parametrize("envelope", GOOD.values(), ids=GOOD)
def test_a_good_response_passes(envelope: Json) -> None:
    check_response(envelope)


@pytest.mark.parametrize(("envelope", "rule"), BAD.values(), ids=BAD)
def test_a_bad_response_is_found(envelope: Json, rule: str) -> None:
    with pytest.raises(AssertionError, match=rule):
        check_response(envelope)


@pytest.mark.parametrize("ssml", ["<speak>You & me?</speak>", "<speak>Ready?", "Ready?"])
def test_what_is_no_xml_is_found(ssml: str) -> None:
    with pytest.raises(SyntaxError):
        check_response(open_session(ssml))


def test_words_and_silences_are_told_apart() -> None:
    answer = GOOD["a slow voice"]
    assert (said(answer), silence_ms(answer)) == ("Hold. Ready?", 10_000)
