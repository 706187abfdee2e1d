"""The skill package that ask-cli uploads."""

from dataclasses import replace
from pathlib import Path

from skill.commands.checks.finding import Finding
from skill.commands.setup import setup_command
from skill.package.endpoint import Endpoint
from skill.package.folder import PACKAGE, FolderError, package_of, read
from skill.package.package import DEFAULT_URL, Certificate, Package
from skill.package.skill_package import documents

_EXAMPLE = Endpoint.parse(DEFAULT_URL)
_YOURS = Package(Endpoint.parse("https://your.host/alexa"))


def package(folder: Path, endpoint: Endpoint | None, wildcard: bool | None = None) -> Finding:
    """Whether the package of the skill in `folder` is what this version writes for `endpoint`.

    endpoint: None where it is not known. wildcard: whether its certificate is one; None where unknown.
    """
    fresh = setup_command(Package(endpoint) if endpoint else _YOURS, folder)
    if not (folder / PACKAGE).exists():
        return Finding.unsure("package", f"there is none in {folder}", fresh)
    try:
        made = read(folder)
        found = package_of(made)
    except FolderError as wrong:
        return Finding.wrong("package", str(wrong), fresh)
    if found.endpoint == _EXAMPLE and not endpoint:
        return Finding.wrong("package", f"{folder} is for {DEFAULT_URL}, an example", fresh)
    better = _better(found, endpoint, wildcard)
    seen = _seen(found, better)
    if not seen and dict(made) != dict(documents(found)):
        seen = "it is not what this version of the coach writes"
    if seen:
        mend = f"{setup_command(better, folder)}, then: ask deploy"
        return Finding.wrong("package", f"{folder}: {seen}", mend)
    return Finding("package", f"{folder} is for {found.endpoint.uri}")


def _better(found: Package, endpoint: Endpoint | None, wildcard: bool | None) -> Package:
    """The package as it should be. One for a function stays: its host is nobody's that is looked at."""
    if not found.endpoint.host:
        return found
    wanted = replace(found, endpoint=endpoint) if endpoint else found
    if wildcard is None:
        return wanted
    return replace(wanted, certificate=Certificate.WILDCARD if wildcard else Certificate.TRUSTED)


def _seen(found: Package, better: Package) -> str:
    """How the package differs from the one that it should be."""
    if found.endpoint != better.endpoint:
        return f"it is for {found.endpoint.uri}, not {better.endpoint.uri}"
    if found.certificate != better.certificate:
        return f"its certificate type is {found.certificate}; what is served is {better.certificate}"
    return ""
