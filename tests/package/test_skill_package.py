"""The skill package: what is committed, what Amazon's description allows, what its rules ask."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ask_sdk_core.serialize import DefaultSerializer
from ask_smapi_model.v1.skill.interaction_model.interaction_model_data import InteractionModelData
from ask_smapi_model.v1.skill.manifest.skill_manifest_envelope import SkillManifestEnvelope

from skill.content.phrases_loader import load_phrases
from skill.content.store_loader import load_store_page
from skill.content.store_page import StorePage
from skill.package import skill_package
from skill.package.skill_package import DEFAULT_URL, LOCALES, files, interaction_model, manifest, write
from tests.package.smapi import MANIFEST, MODEL, problems
from tests.understanding.phrase_cases import written_out

ROOT = Path(__file__).parents[2]
REQUIRED = {
    f"AMAZON.{name}Intent"
    for name in ("Cancel", "Help", "Stop", "NavigateHome", "Fallback", "Pause", "Resume")
}
LAUNCH = {"alexa", "echo", "amazon", "ask", "tell", "open", "launch", "start", "enable", "begin", "use"}
SMALL = {"the", "a", "an", "for", "to", "of", "in", "on", "by", "with"}
Document = dict[str, Any]
each_locale = pytest.mark.parametrize("locale", LOCALES)


def language_model(locale: str) -> Document:
    model: Document = interaction_model(locale)
    return model["interactionModel"]["languageModel"]


# The files


@pytest.mark.parametrize("path", files())
def test_committed_files_are_what_is_generated(path: str) -> None:
    assert (ROOT / path).read_text("utf-8") == files()[path], "run make model"


def test_no_other_file_is_uploaded_but_the_page_for_people() -> None:
    folder = ROOT / "interaction_model"
    found = {str(path.relative_to(ROOT)) for path in folder.rglob("*") if path.is_file()}
    assert found - set(files()) == {"interaction_model/README.md"}


def test_files_are_written_where_they_belong(tmp_path: Path) -> None:
    written = write(tmp_path / "package", "https://me.example/alexa")
    expected = files("https://me.example/alexa", "package")
    assert {str(path.relative_to(tmp_path)): path.read_text("utf-8") for path in written} == expected


def test_ask_cli_finds_the_package() -> None:
    resources = json.loads((ROOT / "ask-resources.json").read_text("utf-8"))
    source = ROOT / resources["profiles"]["default"]["skillMetadata"]["src"]
    assert (source / "skill.json").is_file()


# Against Amazon's description


@each_locale
def test_the_model_is_what_amazon_describes(locale: str) -> None:
    assert problems(interaction_model(locale), MODEL) == []


def test_the_manifest_is_what_amazon_describes() -> None:
    assert problems(manifest(DEFAULT_URL), MANIFEST) == []


@pytest.mark.parametrize("interface", ["AUDIO_PLAYER", "ALEXA_PRESENTATION_APL"])
def test_an_interface_can_be_added(monkeypatch: pytest.MonkeyPatch, interface: str) -> None:
    monkeypatch.setattr(skill_package, "INTERFACES", (interface,))
    assert problems(manifest(DEFAULT_URL), MANIFEST) == []


def without_nothing(value: object) -> object:
    """A document without its empty keys, which the typed classes add."""
    if isinstance(value, dict):
        return {key: without_nothing(inner) for key, inner in value.items() if inner is not None}
    return [without_nothing(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("document", "kind"),
    [(interaction_model("en-US"), InteractionModelData), (manifest(DEFAULT_URL), SkillManifestEnvelope)],
    ids=["model", "manifest"],
)
def test_amazons_classes_lose_nothing(document: Document, kind: type) -> None:
    serializer = DefaultSerializer()
    typed = serializer.deserialize(json.dumps(document), kind)
    assert without_nothing(serializer.serialize(typed)) == document


def first_intent(model: Document) -> Document:
    return model["interactionModel"]["languageModel"]["intents"][0]


def first_type(model: Document) -> Document:
    return model["interactionModel"]["languageModel"]["types"][0]


def listing(document: Document) -> Document:
    return document["manifest"]["publishingInformation"]["locales"]["en-US"]


def custom(document: Document) -> Document:
    return document["manifest"]["apis"]["custom"]


MODEL_FAULTS: dict[str, Callable[[Document], object]] = {
    "no language model": lambda m: m["interactionModel"].pop("languageModel"),
    "no invocation name": lambda m: m["interactionModel"]["languageModel"].pop("invocationName"),
    "no intents": lambda m: m["interactionModel"]["languageModel"].pop("intents"),
    "unknown key": lambda m: m["interactionModel"].update(language_model={}),
    "intent without a name": lambda m: first_intent(m).pop("name"),
    "samples as text": lambda m: first_intent(m).update(samples="stop"),
    "misspelt samples": lambda m: first_intent(m).update(sample=[]),
    "slot without a name": lambda m: first_intent(m).update(slots=[{"type": "Side"}]),
    "a number as a sample": lambda m: first_intent(m).update(samples=[1]),
    "type without a name": lambda m: first_type(m).pop("name"),
    "value as text": lambda m: first_type(m).update(values=["left"]),
    "value without a name": lambda m: first_type(m)["values"][0]["name"].pop("value"),
    "empty value": lambda m: first_type(m)["values"][0]["name"].update(value=""),
    "synonyms beside the name": lambda m: first_type(m)["values"][0].update(synonyms=[]),
}
MANIFEST_FAULTS: dict[str, Callable[[Document], object]] = {
    "endpoint without https": lambda m: custom(m)["endpoint"].update(uri="http://coach.example"),
    "endpoint without uri": lambda m: custom(m)["endpoint"].pop("uri"),
    "made-up certificate": lambda m: custom(m)["endpoint"].update(sslCertificateType="Real"),
    "made-up interface": lambda m: custom(m).update(interfaces=[{"type": "VIDEO"}]),
    "interface without a type": lambda m: custom(m).update(interfaces=[{}]),
    "code folder": lambda m: custom(m).update(code="lambda"),
    "listing without a name": lambda m: listing(m).pop("name"),
    "summary too long": lambda m: listing(m).update(summary="x" * 161),
    "description too long": lambda m: listing(m).update(description="x" * 4001),
    "five example phrases": lambda m: listing(m).update(examplePhrases=["x"] * 5),
    "keywords as text": lambda m: listing(m).update(keywords="back, leg"),
    "yes as text": lambda m: m["manifest"]["privacyAndCompliance"].update(containsAds="false"),
    "made-up distribution": lambda m: m["manifest"]["publishingInformation"].update(distributionMode="WORLD"),
    "made-up event": lambda m: m["manifest"]["events"].update(subscriptions=[{"eventName": "X"}]),
    "unknown key": lambda m: m["manifest"].update(skillManifest={}),
}


@pytest.mark.parametrize("fault", MODEL_FAULTS)
def test_the_checker_refuses_a_wrong_model(fault: str) -> None:
    document = copy.deepcopy(interaction_model("en-US"))
    MODEL_FAULTS[fault](document)
    assert problems(document, MODEL)


@pytest.mark.parametrize("fault", MANIFEST_FAULTS)
def test_the_checker_refuses_a_wrong_manifest(fault: str) -> None:
    document = copy.deepcopy(manifest(DEFAULT_URL))
    MANIFEST_FAULTS[fault](document)
    assert problems(document, MANIFEST)


# Amazon's rules beside the description


@each_locale
def test_the_invocation_name_is_allowed(locale: str) -> None:
    name = language_model(locale)["invocationName"]
    words = name.split()
    assert re.fullmatch(r"[a-z' .]+", name)
    assert len(words) >= 2
    assert not LAUNCH.intersection(words)
    assert len(words) > 2 or not SMALL.intersection(words)


@each_locale
def test_required_intents_are_there(locale: str) -> None:
    names = {intent["name"] for intent in language_model(locale)["intents"]}
    assert names >= REQUIRED


@each_locale
def test_every_type_a_slot_names_is_defined_and_used(locale: str) -> None:
    model = language_model(locale)
    used = {slot["type"] for intent in model["intents"] for slot in intent.get("slots", [])}
    assert used - {"AMAZON.NUMBER"} == {kind["name"] for kind in model["types"]}


@each_locale
def test_names_are_allowed(locale: str) -> None:
    model = language_model(locale)
    for intent in model["intents"]:
        assert re.fullmatch(r"(AMAZON\.)?[A-Za-z_]+", intent["name"])
        assert all(re.fullmatch(r"[a-z_]+", slot["name"]) for slot in intent.get("slots", []))
        assert not (intent["name"].startswith("AMAZON.") and "slots" in intent)
    for kind in model["types"]:
        ids = [value["id"] for value in kind["values"]]
        assert len(ids) == len(set(ids))


@each_locale
def test_sizes_are_within_what_amazon_takes(locale: str) -> None:
    model = language_model(locale)
    samples = [text for intent in model["intents"] for text in intent["samples"]]
    values = [
        text
        for kind in model["types"]
        for value in kind["values"]
        for text in (value["name"]["value"], *value["name"]["synonyms"])
    ]
    assert max(map(len, values)) <= 140
    assert sum(map(len, samples)) < 200_000
    assert len(files()[f"interaction_model/interactionModels/custom/{locale}.json"]) < 1_000_000


def test_example_phrases_are_what_can_be_said() -> None:
    page = load_store_page()
    first, *others = page.example_phrases
    assert first == f"Alexa, open {page.invocation_name}"
    assert len(page.example_phrases) == 3
    for phrase in others:
        said = re.sub(rf"^alexa, ask {page.invocation_name} to ", "", phrase.lower())
        assert said in written_out()


def test_the_description_says_it_is_no_medical_advice() -> None:
    text = " ".join(load_store_page().description.lower().split())
    for wanted in (
        "not a substitute for professional medical advice, diagnosis or treatment",
        "information and education only",
        "does not give medical advice",
        "call your doctor",
        "local emergency number",
    ):
        assert wanted in text
    for barred in ("cure", "treats", "relieve", "heal", "pain-free", "clinically"):
        assert barred not in text


def test_what_the_description_offers_is_understood() -> None:
    quoted = re.findall(r"^- (.*)", load_store_page().description, re.MULTILINE)
    phrases = [text for line in quoted for text in re.findall(r'"([^"]+)"', line)]
    assert len(phrases) > 10
    assert [
        text for text in phrases if text not in written_out() and text.replace("'", "") not in written_out()
    ] == []


@each_locale
def test_the_listing_is_complete(locale: str) -> None:
    document: Document = manifest(DEFAULT_URL)["manifest"]  # type: ignore[assignment]
    listed = document["publishingInformation"]["locales"][locale]
    assert set(listed) == {"name", "summary", "description", "examplePhrases", "keywords"}
    assert all(listed.values())
    policy = document["privacyAndCompliance"]["locales"][locale]["privacyPolicyUrl"]
    assert policy == "https://coach.example.com/privacy"


def test_locales_agree() -> None:
    document: Document = manifest(DEFAULT_URL)["manifest"]  # type: ignore[assignment]
    assert list(document["publishingInformation"]["locales"]) == list(LOCALES)
    assert list(document["privacyAndCompliance"]["locales"]) == list(LOCALES)


@pytest.mark.parametrize("url", ["http://coach.example.com/alexa", "coach.example.com", ""])
def test_an_endpoint_must_be_https(url: str) -> None:
    with pytest.raises(ValueError, match="must be an https:// address"):
        manifest(url)


def test_every_intent_is_in_the_model() -> None:
    names = [intent["name"] for intent in language_model("en-US")["intents"]]
    assert names == list(load_phrases().intents)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keyword": []}, "missing or unknown: keyword;"),
        ({"keywords": "back"}, "keywords: must be a list of texts"),
        ({"name": 1}, "name: must be a text"),
    ],
)
def test_store_texts_are_checked(change: Document, message: str) -> None:
    page = load_store_page()
    document = {
        name: list(value) if isinstance(value, tuple) else value for name, value in vars(page).items()
    }
    with pytest.raises(ValueError, match=message):
        StorePage.parse(document | change)
