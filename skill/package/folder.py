"""A skill on the disk, as ask-cli wants it: the package to upload, and the file beside it that names it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from skill.config import LOCALES
from skill.content.phrases_loader import load_phrases
from skill.content.store_loader import load_store_page
from skill.package.endpoint import Endpoint
from skill.package.package import Certificate, Package
from skill.package.rules import problems
from skill.package.skill_package import MANIFEST, as_text, documents, model_path

RESOURCES = "ask-resources.json"
PACKAGE = "interaction_model"
"""The folder that is uploaded."""

KEPT = "skill.json.before"
"""How the name begins of what is kept beside the package: a manifest that somebody has edited."""

_VERSION = "2020-03-31"
_UNREADABLE = (OSError, ValueError, RecursionError)


class FolderError(ValueError):
    """A package that cannot be written or read; the message says why, and what is allowed."""


def write(folder: Path, package: Package) -> list[Path]:
    """Write the package, and ask-resources.json which names it, into `folder`; returns the files.

    What else is there stays: ask-cli's `.ask`, pages for people, other profiles. Of our own files, those of
    locales that are gone are removed. A manifest that is not as this version writes it is kept beside the
    package; it is then the last of the files. Raises FolderError, before anything is written, where the
    package breaks a rule of Amazon's, or where the folder holds something else; OSError.
    """
    if wrong := problems(package):
        raise FolderError("; ".join(wrong))
    upload = folder / PACKAGE
    _check_ours(upload)
    texts: dict[Path, object] = {folder / RESOURCES: _resources(folder / RESOURCES)}
    texts |= {upload / path: document for path, document in documents(package).items()}
    kept = _keep_edited(folder)
    for locale in set(LOCALES) - set(package.locales):
        (upload / model_path(locale)).unlink(missing_ok=True)
    for path, document in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_text(document), "utf-8")
    return [*texts, *kept]


def read(folder: Path) -> Mapping[str, Any]:
    """The documents of the package in `folder`, named as in the package. Raises FolderError."""
    upload = folder / PACKAGE
    paths = (upload / MANIFEST, *sorted((upload / model_path("en-US")).parent.glob("*.json")))
    return {str(path.relative_to(upload)): _parsed(path) for path in paths}


def package_of(made: Mapping[str, Any]) -> Package:
    """What is particular in the documents of a package. Raises FolderError."""
    try:
        manifest = made[MANIFEST]["manifest"]
        endpoint = manifest["apis"]["custom"]["endpoint"]
        listed = manifest["publishingInformation"]["locales"]
        locales = tuple(locale for locale in LOCALES if locale in listed)
        model = made[model_path(locales[0])]["interactionModel"]["languageModel"]
        policies = manifest["privacyAndCompliance"].get("locales", {})
        package = Package(
            Endpoint.parse(endpoint["uri"]),
            Certificate(endpoint.get("sslCertificateType", Certificate.TRUSTED)),
            str(listed[locales[0]]["name"]),
            str(model["invocationName"]),
            locales,
        )
        privacy = str(policies.get(locales[0], {}).get("privacyPolicyUrl", ""))
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as wrong:
        raise FolderError(f"it is not shaped as a skill package is: {wrong}") from None
    return _shortest(package, privacy)


def _keep_edited(folder: Path) -> list[Path]:
    """Copy a manifest that holds more than what is ours to write again; what was kept before stays."""
    path = folder / PACKAGE / MANIFEST
    if not path.exists():
        return []
    with suppress(FolderError):
        made = read(folder)
        if made[MANIFEST] == documents(package_of(made))[MANIFEST]:
            return []
    free = next(new for number in count(1) if not (new := folder / f"{KEPT}-{number}").exists())
    free.write_bytes(path.read_bytes())
    return [free]


def _shortest(package: Package, privacy: str) -> Package:
    """`package`, without what it says anyway."""
    usual = load_store_page(package.locales[0].partition("-")[0])
    return replace(
        package,
        name="" if package.name == usual.name else package.name,
        invocation_name="" if package.invocation_name == usual.invocation_name else package.invocation_name,
        privacy="" if privacy == package.privacy_url else privacy,
    )


def _check_ours(folder: Path) -> None:
    """A folder may be overwritten that is new, empty, or holds a package with an intent of ours."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not folder.is_dir():
        raise FolderError(f"{folder} is a file; allowed: a folder")
    if not (folder / MANIFEST).is_file() or not _own_intents().intersection(_intents(folder)):
        raise FolderError(
            f"{folder} holds something else than this skill's package, which would be overwritten; "
            "allowed: a folder that is new, empty, or written by this command"
        )


def _own_intents() -> set[str]:
    return {name for name in load_phrases().intents if not name.startswith("AMAZON.")}


def _intents(folder: Path) -> Iterator[str]:
    """The names of the intents of the models in `folder`, as far as they can be read."""
    for path in (folder / model_path("en-US")).parent.glob("*.json"):
        try:
            yield from (
                str(each["name"]) for each in _parsed(path)["interactionModel"]["languageModel"]["intents"]
            )
        except (FolderError, KeyError, TypeError):
            continue


def _resources(path: Path) -> dict[str, Any]:
    """Its default profile uploads the package, and no code: ours is hosted elsewhere."""
    found: Any = _parsed(path) if path.exists() else {"askcliResourcesVersion": _VERSION}
    try:
        profile = found.setdefault("profiles", {}).setdefault("default", {})
        source = profile.setdefault("skillMetadata", {}).setdefault("src", f"./{PACKAGE}")
        ours = (path.parent / source).resolve() == (path.parent / PACKAGE).resolve()
    except (AttributeError, TypeError):
        raise FolderError(f"{path} is not one of ask-cli's; move it away") from None
    if not ours:
        raise FolderError(
            f"{path.parent} holds another skill, whose package is {source}: this one would be deployed in "
            "its place; allowed: --write with a folder of its own"
        )
    return dict(found)


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except _UNREADABLE as wrong:
        reason = getattr(wrong, "strerror", None) or "it is not JSON"
        raise FolderError(f"{path} cannot be read: {reason}") from None
