"""The skill package ask-cli uploads: the manifest and one interaction model per locale."""

from __future__ import annotations

import json
from collections.abc import Mapping

from skill.content.phrases import NUMBER, Intent, Phrases, SlotType, SlotValue
from skill.content.phrases_loader import load_phrases
from skill.content.store_page import StorePage
from skill.package.package import Package

INTERFACES = ("AUDIO_PLAYER",)
EVENTS = ("SKILL_DISABLED",)
MANIFEST = "skill.json"


def documents(package: Package) -> Mapping[str, object]:
    """What is uploaded, by its path in the package's folder."""
    models = {model_path(locale): interaction_model(package, locale) for locale in package.locales}
    return {MANIFEST: manifest(package)} | models


def model_path(locale: str) -> str:
    """Where the interaction model of `locale` stands in the package's folder."""
    return f"interactionModels/custom/{locale}.json"


def as_text(document: object) -> str:
    """A document as it stands in a file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def interaction_model(package: Package, locale: str) -> dict[str, object]:
    """What can be said in a locale."""
    phrases = load_phrases(locale.partition("-")[0])
    return {
        "interactionModel": {
            "languageModel": {
                "invocationName": package.pages[locale].invocation_name,
                "intents": [_intent(intent) for intent in phrases.intents.values()],
                "types": [_type(kind) for kind in _used_types(phrases)],
            }
        }
    }


def manifest(package: Package) -> dict[str, object]:
    """The skill's listing, privacy answers and endpoint."""
    endpoint = _endpoint(package)
    return {
        "manifest": {
            "manifestVersion": "1.0",
            "publishingInformation": _publishing(package.pages),
            "privacyAndCompliance": _privacy(package),
            "apis": {
                "custom": {
                    "endpoint": endpoint,
                    "interfaces": [{"type": interface} for interface in INTERFACES],
                }
            },
            "events": {
                "endpoint": endpoint,
                "subscriptions": [{"eventName": event} for event in EVENTS],
            },
        }
    }


def _endpoint(package: Package) -> dict[str, str]:
    """A function has no certificate of its own."""
    uri = {"uri": package.endpoint.uri}
    return uri | ({"sslCertificateType": package.certificate.value} if package.endpoint.host else {})


def _publishing(pages: Mapping[str, StorePage]) -> dict[str, object]:
    return {
        "category": "HEALTH_AND_FITNESS",
        "distributionMode": "PUBLIC",
        "isAvailableWorldwide": True,
        "distributionCountries": [],
        "testingInstructions": next(iter(pages.values())).testing_instructions,
        "locales": {locale: _listing(page) for locale, page in pages.items()},
    }


def _listing(page: StorePage) -> dict[str, object]:
    return {
        "name": page.name,
        "summary": page.summary,
        "description": page.description,
        "examplePhrases": list(page.example_phrases),
        "keywords": list(page.keywords),
    }


def _privacy(package: Package) -> dict[str, object]:
    url = package.privacy_url
    policies = {locale: {"privacyPolicyUrl": url} for locale in package.locales if url}
    return {
        "allowsPurchases": False,
        "usesPersonalInfo": False,
        # True is for providers bound by HIPAA who have Amazon process patient records.
        "usesHealthInfo": False,
        "isChildDirected": False,
        "isExportCompliant": True,
        "containsAds": False,
    } | ({"locales": policies} if policies else {})


def _intent(intent: Intent) -> dict[str, object]:
    model: dict[str, object] = {"name": intent.name, "samples": list(intent.expanded)}
    if intent.slots:
        model["slots"] = [{"name": name, "type": kind} for name, kind in intent.slots.items()]
    return model


def _used_types(phrases: Phrases) -> list[SlotType]:
    used = {kind for intent in phrases.intents.values() for kind in intent.slots.values()}
    return [phrases.types[name] for name in sorted(used - {NUMBER})]


def _type(kind: SlotType) -> dict[str, object]:
    return {"name": kind.name, "values": [_value(value) for value in kind.values]}


def _value(value: SlotValue) -> dict[str, object]:
    return {"id": value.id, "name": {"value": value.name, "synonyms": list(value.synonyms)}}
