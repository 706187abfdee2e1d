"""The skill package ask-cli uploads: the manifest and one interaction model per locale."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urljoin

from skill.content.phrases import NUMBER, Intent, Phrases, SlotType, SlotValue
from skill.content.phrases_loader import load_phrases
from skill.content.store_loader import load_store_page
from skill.content.store_page import StorePage

LOCALES = ("en-US", "en-GB", "en-AU", "en-CA", "en-IN")
DEFAULT_URL = "https://coach.example.com/alexa"
PRIVACY_PATH = "/privacy"
INTERFACES = ("AUDIO_PLAYER",)
EVENTS = ("SKILL_DISABLED",)
_LIMITS = {"summary": 160, "description": 4000, "testing_instructions": 4000}


def files(url: str = DEFAULT_URL, folder: str = "interaction_model") -> Mapping[str, str]:
    """Every file of the ask-cli project by its path beside the folder that is uploaded."""
    documents = {
        "ask-resources.json": ask_resources(folder),
        f"{folder}/skill.json": manifest(url),
    } | {f"{folder}/interactionModels/custom/{locale}.json": interaction_model(locale) for locale in LOCALES}
    return {path: _json(document) for path, document in documents.items()}


def write(folder: Path, url: str = DEFAULT_URL) -> list[Path]:
    """Write the package into the folder, and ask-resources.json beside it."""
    written = []
    for path, text in files(url, folder.name).items():
        target = folder.parent / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        written.append(target)
    return written


def ask_resources(folder: str) -> dict[str, object]:
    """Tells ask-cli which folder to upload; ours is hosted elsewhere, so there is no code to deploy."""
    return {
        "askcliResourcesVersion": "2020-03-31",
        "profiles": {"default": {"skillMetadata": {"src": f"./{folder}"}}},
    }


def interaction_model(locale: str) -> dict[str, object]:
    """What can be said in a locale."""
    language = locale.split("-")[0]
    phrases = load_phrases(language)
    return {
        "interactionModel": {
            "languageModel": {
                "invocationName": load_store_page(language).invocation_name,
                "intents": [_intent(intent) for intent in phrases.intents.values()],
                "types": [_type(kind) for kind in _used_types(phrases)],
            }
        }
    }


def manifest(url: str) -> dict[str, object]:
    """The skill's listing, privacy answers and endpoint, which must be https."""
    if not url.startswith("https://"):
        raise ValueError(f"the endpoint must be an https:// address, not {url!r}")
    pages = {locale: load_store_page(locale.split("-")[0]) for locale in LOCALES}
    endpoint = {"uri": url, "sslCertificateType": "Trusted"}
    return {
        "manifest": {
            "manifestVersion": "1.0",
            "publishingInformation": _publishing(pages),
            "privacyAndCompliance": _privacy(urljoin(url, PRIVACY_PATH)),
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


def _publishing(pages: Mapping[str, StorePage]) -> dict[str, object]:
    return {
        "category": "HEALTH_AND_FITNESS",
        "distributionMode": "PUBLIC",
        "isAvailableWorldwide": True,
        "distributionCountries": [],
        "testingInstructions": pages[LOCALES[0]].testing_instructions,
        "locales": {locale: _listing(page) for locale, page in pages.items()},
    }


def _listing(page: StorePage) -> dict[str, object]:
    for field, limit in _LIMITS.items():
        if len(getattr(page, field)) > limit:
            raise ValueError(f"store.toml: {field}: longer than {limit} characters")
    return {
        "name": page.name,
        "summary": page.summary,
        "description": page.description,
        "examplePhrases": list(page.example_phrases),
        "keywords": list(page.keywords),
    }


def _privacy(policy_url: str) -> dict[str, object]:
    return {
        "allowsPurchases": False,
        "usesPersonalInfo": False,
        # True is for providers bound by HIPAA who have Amazon process patient records.
        "usesHealthInfo": False,
        "isChildDirected": False,
        "isExportCompliant": True,
        "containsAds": False,
        "locales": {locale: {"privacyPolicyUrl": policy_url} for locale in LOCALES},
    }


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


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
