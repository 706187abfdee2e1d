"""The skill package that ask-cli uploads."""

from dataclasses import replace
from pathlib import Path

from skill.commands.checks.finding import Finding
from skill.commands.setup import setup_command
from skill.package.endpoint import Endpoint
from skill.package.folder import FolderError, package_of, read
from skill.package.package import DEFAULT_URL, Certificate, Package
from skill.package.rules import problems
from skill.package.skill_package import documents

_EXAMPLE = Endpoint.parse(DEFAULT_URL)
_YOURS = Package(Endpoint.parse("https://your.host/alexa"))


def uploaded(folder: Path, endpoint: Endpoint | None, wildcard: bool | None = None) -> Finding:
    """Whether the package in `folder` is what this version writes for `endpoint`.

    endpoint: None where it is not known. wildcard: whether its certificate is one; None where unknown.
    """
    fresh = setup_command(Package(endpoint) if endpoint else _YOURS, folder)
    if not folder.exists():
        return Finding.unsure("package", f"there is none in {folder}", fresh)
    try:
        made = read(folder)
        package = package_of(made)
    except FolderError as wrong:
        return Finding.wrong("package", str(wrong), fresh)
    if package.endpoint == _EXAMPLE and not endpoint:
        return Finding.wrong("package", f"{folder} is for {DEFAULT_URL}, an example", fresh)
    better = _better(package, endpoint, wildcard)
    seen = _seen(package, better) or "; ".join(problems(made))
    if not seen and dict(made) != dict(documents(package)):
        seen = "it is not what this version of the coach writes"
    if seen:
        mend = f"{setup_command(better, folder)}, then: ask deploy"
        return Finding.wrong("package", f"{folder}: {seen}", mend)
    return Finding("package", f"{folder} is for {package.endpoint.uri}")


def _better(package: Package, endpoint: Endpoint | None, wildcard: bool | None) -> Package:
    """The package as it should be. One for a function stays: its host is nobody's that is looked at."""
    if not package.endpoint.host:
        return package
    package = replace(package, endpoint=endpoint) if endpoint else package
    if wildcard is None:
        return package
    return replace(package, certificate=Certificate.WILDCARD if wildcard else Certificate.TRUSTED)


def _seen(package: Package, better: Package) -> str:
    """How the package differs from the one that it should be."""
    if package.endpoint != better.endpoint:
        return f"it is for {package.endpoint.uri}, not {better.endpoint.uri}"
    if package.certificate != better.certificate:
        return f"its certificate type is {package.certificate}; what is served is {better.certificate}"
    return ""
