"""The skill package: what is committed, what Amazon's description allows, what its rules ask."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ask_sdk_core.serialize import DefaultSerializer
from ask_smapi_model.v1.skill.interaction_model.interaction_model_data import InteractionModelData
from ask_smapi_model.v1.skill.manifest.skill_manifest_envelope import SkillManifestEnvelope

from skill.config import LOCALES
from skill.content.phrases_loader import load_phrases
from skill.content.store_loader import load_store_page
from skill.content.store_page import StorePage
from skill.package import skill_package
from skill.package.endpoint import Endpoint
from skill.package.folder import PACKAGE, RESOURCES, FolderError, package_of, read, write
from skill.package.package import DEFAULT_URL, Certificate, Package
from skill.package.rules import problems as refused
from skill.package.skill_package import MANIFEST as MANIFEST_NAME
from skill.package.skill_package import as_text, documents, interaction_model, manifest, model_path
from tests.package.rules import REQUIRED
from tests.package.rules import problems as broken_rules
from tests.package.smapi import MANIFEST, MODEL, problems
from tests.understanding.phrase_cases import written_out

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / PACKAGE
OURS = Package(Endpoint.parse(DEFAULT_URL))
LAMBDA = Package(Endpoint.parse("arn:aws:lambda:eu-west-1:123456789012:function:coach"))
Document = dict[str, Any]
each_locale = pytest.mark.parametrize("locale", LOCALES)


def language_model(locale: str) -> Document:
    model: Document = interaction_model(OURS, locale)
    return model["interactionModel"]["languageModel"]


# The files


@pytest.mark.parametrize("path", documents(OURS))
def test_committed_files_are_what_is_generated(path: str) -> None:
    assert (FOLDER / path).read_text("utf-8") == as_text(documents(OURS)[path]), "run make model"


def test_no_other_file_is_uploaded_but_the_page_for_people() -> None:
    found = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    assert found - set(documents(OURS)) == {"README.md"}


def test_files_are_written_where_they_belong(tmp_path: Path) -> None:
    written = write(tmp_path, OURS)
    assert written[0] == tmp_path / RESOURCES
    assert written[0].read_text("utf-8") == (ROOT / RESOURCES).read_text("utf-8"), "run make model"
    assert dict(read(tmp_path)) == dict(documents(OURS))


@pytest.mark.parametrize(
    "package",
    [
        OURS,
        LAMBDA,
        replace(LAMBDA, privacy="https://coach.example.org/privacy"),
        Package(OURS.endpoint, Certificate.WILDCARD, "Back Buddy", "back buddy", ("en-GB", "en-IN")),
        replace(OURS, privacy="https://elsewhere.example.org/policy"),
    ],
)
def test_what_is_particular_is_read_back(package: Package) -> None:
    assert package_of(json.loads(as_text(documents(package)))) == package


def test_documents_of_another_shape_are_told() -> None:
    with pytest.raises(FolderError, match="not shaped as a skill package is"):
        package_of({MANIFEST_NAME: {"manifest": {}}})


def test_ask_cli_finds_the_package() -> None:
    resources = json.loads((ROOT / "ask-resources.json").read_text("utf-8"))
    source = ROOT / resources["profiles"]["default"]["skillMetadata"]["src"]
    assert (source / "skill.json").is_file()


# Against Amazon's description


@each_locale
def test_the_model_is_what_amazon_describes(locale: str) -> None:
    assert problems(interaction_model(OURS, locale), MODEL) == []


@pytest.mark.parametrize("package", [OURS, LAMBDA, replace(OURS, certificate=Certificate.WILDCARD)])
def test_the_manifest_is_what_amazon_describes(package: Package) -> None:
    assert problems(manifest(package), MANIFEST) == []


@pytest.mark.parametrize("interface", ["AUDIO_PLAYER", "ALEXA_PRESENTATION_APL"])
def test_an_interface_can_be_added(monkeypatch: pytest.MonkeyPatch, interface: str) -> None:
    monkeypatch.setattr(skill_package, "INTERFACES", (interface,))
    assert problems(manifest(OURS), MANIFEST) == []


def without_nothing(value: object) -> object:
    """A document without its empty keys, which the typed classes add."""
    if isinstance(value, dict):
        return {key: without_nothing(inner) for key, inner in value.items() if inner is not None}
    return [without_nothing(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("document", "kind"),
    [(interaction_model(OURS, "en-US"), InteractionModelData), (manifest(OURS), SkillManifestEnvelope)],
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
    document = copy.deepcopy(interaction_model(OURS, "en-US"))
    MODEL_FAULTS[fault](document)
    assert problems(document, MODEL)


@pytest.mark.parametrize("fault", MANIFEST_FAULTS)
def test_the_checker_refuses_a_wrong_manifest(fault: str) -> None:
    document = copy.deepcopy(manifest(OURS))
    MANIFEST_FAULTS[fault](document)
    assert problems(document, MANIFEST)


# Amazon's rules beside the description


LONGEST = replace(OURS, name="x" * 50, invocation_name="back " + "x" * 45)
"""Its names stand in the other texts, too."""


@pytest.mark.parametrize("package", [OURS, LAMBDA, Package(OURS.endpoint, locales=("en-IN",)), LONGEST])
def test_no_rule_is_broken(package: Package) -> None:
    assert refused(package) == []
    assert broken_rules(documents(package)) == []


def us(made: Document) -> Document:
    return made[model_path("en-US")]["interactionModel"]["languageModel"]


def publishing(made: Document) -> Document:
    return made[MANIFEST_NAME]["manifest"]["publishingInformation"]


def privacy(made: Document) -> Document:
    return made[MANIFEST_NAME]["manifest"]["privacyAndCompliance"]["locales"]


RULES: dict[str, tuple[Callable[[Document], object], str]] = {
    "self-signed": (
        lambda m: custom(m[MANIFEST_NAME])["endpoint"].update(sslCertificateType="SelfSigned"),
        "allowed: Trusted, Wildcard",
    ),
    "certificate of a function": (
        lambda m: custom(m[MANIFEST_NAME])["endpoint"].update(uri=LAMBDA.endpoint.uri),
        "a function has no sslCertificateType",
    ),
    "locale": (
        lambda m: publishing(m)["locales"].update({"de-DE": listing(m[MANIFEST_NAME])}),
        "de-DE; allowed:",
    ),
    "no model": (lambda m: m.pop(model_path("en-AU")), "not those of the locales"),
    "testing": (lambda m: publishing(m).update(testingInstructions="x" * 4001), "than 4000 characters"),
    "summary": (lambda m: listing(m[MANIFEST_NAME]).update(summary="x" * 161), "summary has 161 characters"),
    "description": (lambda m: listing(m[MANIFEST_NAME]).update(description="x" * 4001), "allowed: 1 to 4000"),
    "name": (lambda m: listing(m[MANIFEST_NAME]).update(name=""), "name has 0 characters"),
    "phrases": (
        lambda m: listing(m[MANIFEST_NAME])["examplePhrases"].append("x"),
        "examplePhrases: allowed: 1 to 3",
    ),
    "long phrase": (
        lambda m: listing(m[MANIFEST_NAME])["examplePhrases"].__setitem__(1, "x" * 201),
        "of 200 characters each",
    ),
    "keywords": (
        lambda m: listing(m[MANIFEST_NAME]).update(keywords=["x"] * 31),
        "keywords: allowed: 0 to 30",
    ),
    "first phrase": (
        lambda m: listing(m[MANIFEST_NAME])["examplePhrases"].reverse(),
        "the first example phrase does not open",
    ),
    "no policy": (lambda m: privacy(m).pop("en-GB"), "a locale has no privacy policy"),
    "built-in": (
        lambda m: us(m).update(
            intents=[each for each in us(m)["intents"] if each["name"] != "AMAZON.PauseIntent"]
        ),
        "required intents are missing: AMAZON.PauseIntent",
    ),
    "twice": (lambda m: us(m)["intents"].append(us(m)["intents"][0]), "there twice"),
    "intent's name": (lambda m: us(m)["intents"].append({"name": "Intent2", "samples": []}), "'Intent2'"),
    "unknown type": (lambda m: us(m).update(types=us(m)["types"][1:]), "types of slots are not defined"),
    "samples": (lambda m: us(m)["intents"][0].update(samples=["x" * 200_000]), "200000 characters or more"),
    "long value": (
        lambda m: us(m)["types"][0]["values"][0]["name"].update(value="x" * 141),
        "texts of 1 to 140 characters",
    ),
    "same id": (
        lambda m: us(m)["types"][0]["values"].append(us(m)["types"][0]["values"][0]),
        "ids once each",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_that_is_broken_is_told(rule: str) -> None:
    break_it, told = RULES[rule]
    made = copy.deepcopy(dict(documents(OURS)))
    break_it(made)
    found = broken_rules(made)
    assert any(told in each for each in found), found


@each_locale
def test_required_intents_are_there(locale: str) -> None:
    names = {intent["name"] for intent in language_model(locale)["intents"]}
    assert names >= set(REQUIRED)


@each_locale
def test_names_are_allowed(locale: str) -> None:
    for intent in language_model(locale)["intents"]:
        assert all(re.fullmatch(r"[a-z_]+", slot["name"]) for slot in intent.get("slots", []))
        assert not (intent["name"].startswith("AMAZON.") and "slots" in intent)


@each_locale
def test_no_model_is_larger_than_amazon_takes(locale: str) -> None:
    assert len(as_text(interaction_model(OURS, locale))) < 1_000_000


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
    document: Document = manifest(OURS)["manifest"]  # type: ignore[assignment]
    listed = document["publishingInformation"]["locales"][locale]
    assert set(listed) == {"name", "summary", "description", "examplePhrases", "keywords"}
    assert all(listed.values())
    policy = document["privacyAndCompliance"]["locales"][locale]["privacyPolicyUrl"]
    assert policy == "https://coach.example.com/privacy"


def test_locales_agree() -> None:
    document: Document = manifest(OURS)["manifest"]  # type: ignore[assignment]
    assert list(document["publishingInformation"]["locales"]) == list(LOCALES)
    assert list(document["privacyAndCompliance"]["locales"]) == list(LOCALES)


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
