"""Checks skill package files against Amazon's own description of them, strictly.

The description leaves objects open and names subtypes only by a discriminator; here unknown keys
are refused and each subtype is held to its own definition. It also demands at least one synonym
per value, which Amazon's own models do not keep to: that one demand is dropped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

SPEC = Path(__file__).parent / "data" / "smapi-spec.json"
MODEL = "v1.skill.interactionModel.InteractionModelData"
MANIFEST = "v1.skill.Manifest.SkillManifestEnvelope"
VALUE = "v1.skill.interactionModel.TypeValueObject"
PREFIX = "#/definitions/"

Schema = dict[str, Any]


def problems(document: object, root: str) -> list[str]:
    """What is wrong with a document, each with its place in it."""
    return sorted(f"{error.json_path}: {error.message}" for error in _errors(document, root))


def _errors(document: object, root: str) -> Iterator[Any]:
    schema = {"$ref": PREFIX + root, "definitions": closed_definitions()}
    return Draft4Validator(schema).iter_errors(document)


@cache
def closed_definitions() -> Mapping[str, Schema]:
    """The definitions with closed objects, and a choice of subtypes where there are any."""
    open_ones: dict[str, Schema] = json.loads(SPEC.read_text("utf-8"))["definitions"]
    del open_ones[VALUE]["properties"]["synonyms"]["minItems"]
    open_ones[VALUE]["required"].remove("synonyms")
    children = _children(open_ones)
    return {
        name: _choice(name, open_ones, children.get(name, []))
        if "discriminator" in definition
        else _closed(name, open_ones)
        for name, definition in open_ones.items()
    }


def _children(definitions: Mapping[str, Schema]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, definition in definitions.items():
        for part in definition.get("allOf", []):
            if "$ref" in part:
                found.setdefault(part["$ref"].removeprefix(PREFIX), []).append(name)
    return found


def _choice(name: str, definitions: Mapping[str, Schema], children: list[str]) -> Schema:
    key = definitions[name]["discriminator"]
    return {"oneOf": [_subtype(child, key, definitions) for child in children]}


def _subtype(name: str, key: str, definitions: Mapping[str, Schema]) -> Schema:
    schema = _closed(name, definitions)
    value = definitions[name]["x-discriminator-value"]
    return schema | {"properties": schema["properties"] | {key: {"enum": [value]}}}


def _closed(name: str, definitions: Mapping[str, Schema]) -> Schema:
    schema = _flat(definitions[name], definitions)
    if schema.get("type") == "object" or "properties" in schema:
        schema.setdefault("additionalProperties", False)
    return schema


def _flat(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """A definition with what it inherits."""
    merged: Schema = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema.get("allOf", []):
        target = definitions[part["$ref"].removeprefix(PREFIX)] if "$ref" in part else part
        inherited = _flat(target, definitions)
        merged["properties"] = inherited.get("properties", {}) | merged.get("properties", {})
        merged["required"] = inherited.get("required", []) + merged.get("required", [])
        merged.setdefault("type", inherited.get("type", "object"))
    if not merged.get("required", True):
        del merged["required"]
    return merged
