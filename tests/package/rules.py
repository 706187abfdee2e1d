"""Amazon's rules for a skill package, as far as they are known and can be read from its documents. Those for
what a caller gives are in skill/package/rules.py.

Lengths are in characters, as Amazon's own description of the manifest counts them; where that is silent,
as developers were told.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from skill.config import LOCALES
from skill.package.endpoint import Endpoint
from skill.package.package import Certificate
from skill.package.skill_package import MANIFEST, model_path

REQUIRED = tuple(
    f"AMAZON.{name}Intent"
    for name in ("Cancel", "Help", "Stop", "NavigateHome", "Fallback", "Pause", "Resume")
)
"""The last two because of the audio player."""

_TEXTS = {"name": (2, 50), "summary": (1, 160), "description": (1, 4000)}
_LISTS = {"examplePhrases": (1, 3, 200), "keywords": (0, 30, 150)}
"""How many, and how long each may be."""
_TESTING = 4000
_SAMPLES = 200_000
_VALUE = 140
_BUILT_IN = "AMAZON."


def problems(documents: Mapping[str, Any]) -> list[str]:
    """What is wrong with a package, whose documents are named as in its folder; [] if nothing is known."""
    return list(_problems(documents))


def _problems(documents: Mapping[str, Any]) -> Iterator[str]:
    manifest = documents[MANIFEST]["manifest"]
    listed = manifest["publishingInformation"]["locales"]
    yield from _endpoint(manifest["apis"]["custom"]["endpoint"])
    if not listed or set(listed) - set(LOCALES):
        yield f"the locales are {', '.join(listed) or 'none'}; allowed: {', '.join(LOCALES)}"
    if set(documents) != {MANIFEST, *map(model_path, listed)}:
        yield "the interaction models are not those of the locales that the manifest lists"
    if len(manifest["publishingInformation"]["testingInstructions"]) > _TESTING:
        yield f"the testing instructions are longer than {_TESTING} characters"
    yield from _policies(manifest["privacyAndCompliance"].get("locales", {}), listed)
    told: dict[str, list[str]] = {}
    for locale, page in listed.items():
        for problem in _spoken(page, documents.get(model_path(locale))):
            told.setdefault(problem, []).append(locale)
    for problem, where in told.items():
        yield problem if len(where) == len(listed) else f"{', '.join(where)}: {problem}"


def _spoken(page: Mapping[str, Any], model: Mapping[str, Any] | None) -> Iterator[str]:
    """What is wrong in one locale. Without a model that is told already."""
    yield from _listing(page)
    if model:
        yield from _model(model["interactionModel"]["languageModel"], page)


def _endpoint(endpoint: Mapping[str, str]) -> Iterator[str]:
    kind, allowed = endpoint.get("sslCertificateType"), tuple(map(str, Certificate))
    is_function = not Endpoint.parse(endpoint["uri"]).host
    if is_function and kind is not None:
        yield "a function has no sslCertificateType"
    if not is_function and kind not in allowed:
        yield f"sslCertificateType is {kind!r}; allowed: {', '.join(allowed)}"


def _policies(policies: Mapping[str, Mapping[str, str]], listed: Sequence[str]) -> Iterator[str]:
    if policies and set(policies) != set(listed):
        yield "a locale has no privacy policy"


def _listing(page: Mapping[str, Any]) -> Iterator[str]:
    for field, (least, most) in _TEXTS.items():
        if not least <= len(page[field]) <= most:
            yield f"{field} has {len(page[field])} characters; allowed: {least} to {most}"
    for field, (fewest, many, longest) in _LISTS.items():
        if not fewest <= len(page[field]) <= many or any(len(text) > longest for text in page[field]):
            yield f"{field}: allowed: {fewest} to {many}, of {longest} characters each"


def _model(model: Mapping[str, Any], page: Mapping[str, Any]) -> Iterator[str]:
    name, intents, types = model["invocationName"], model["intents"], model.get("types", [])
    if not page["examplePhrases"][0].lower().startswith(f"alexa, open {name}"):
        yield f"the first example phrase does not open {name!r}"
    if missing := [each for each in REQUIRED if each not in {intent["name"] for intent in intents}]:
        yield f"required intents are missing: {', '.join(missing)}"
    yield from _names(intents, types)
    yield from _sizes(intents, types)


def _names(intents: Sequence[Mapping[str, Any]], types: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = [intent["name"] for intent in intents]
    used = {slot["type"] for intent in intents for slot in intent.get("slots", [])}
    defined = [kind["name"] for kind in types]
    if len(names) != len(set(names)) or len(defined) != len(set(defined)):
        yield "an intent or a type is there twice"
    for name in names:
        if not re.fullmatch(r"(AMAZON\.)?[A-Za-z_]+", name):
            yield f"the intent {name!r}: letters and underscores are allowed"
    if unknown := sorted(each for each in used - set(defined) if not each.startswith(_BUILT_IN)):
        yield f"types of slots are not defined: {', '.join(unknown)}"


def _sizes(intents: Sequence[Mapping[str, Any]], types: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if sum(len(text) for intent in intents for text in intent.get("samples", [])) >= _SAMPLES:
        yield f"the samples have {_SAMPLES} characters or more in all"
    for kind in types:
        ids = [value["id"] for value in kind["values"]]
        texts = [
            text
            for value in kind["values"]
            for text in (value["name"]["value"], *value["name"].get("synonyms", []))
        ]
        if len(ids) != len(set(ids)) or not all(0 < len(text) <= _VALUE for text in texts):
            yield f"the values of {kind['name']}: ids once each, texts of 1 to {_VALUE} characters"
