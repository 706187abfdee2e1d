"""The skill package against the host it is for."""

import json
import shlex
from pathlib import Path

import pytest

from skill.cli import main
from skill.commands.checks.finding import Finding, Verdict
from skill.commands.checks.package import package as uploaded
from skill.package.endpoint import Endpoint
from skill.package.folder import write
from skill.package.package import DEFAULT_URL, Certificate, Package

OURS = Endpoint.parse("https://coach.test/alexa")
LAMBDA = Endpoint.parse("arn:aws:lambda:eu-west-1:123456789012:function:coach")


def written(folder: Path, package: Package) -> Path:
    write(folder / "skill", package)
    return folder / "skill"


def mended(finding: Finding) -> None:
    """Do what the cross says."""
    command, _, then = finding.mend.partition(", then: ")
    assert then in ("ask deploy", "")
    main(shlex.split(command)[1:])


def test_what_is_written_for_this_host_is_a_tick(tmp_path: Path) -> None:
    for package in (
        Package(OURS),
        Package(OURS, name="Back", invocation_name="back coach", locales=("en-GB",)),
    ):
        found = uploaded(written(tmp_path, package), OURS, False)
        assert (found.verdict, found.found) == (Verdict.WELL, f"{tmp_path}/skill is for {OURS.uri}")


@pytest.mark.parametrize(
    ("package", "wildcard", "told"),
    [
        (Package(Endpoint.parse("https://old.test/alexa")), None, "for https://old.test/alexa, not"),
        (Package(Endpoint.parse(DEFAULT_URL)), None, "not https://coach.test/alexa"),
        (Package(OURS), True, "its certificate type is Trusted; what is served is Wildcard"),
        (Package(OURS, Certificate.WILDCARD), False, "Wildcard; what is served is Trusted"),
        (
            Package(Endpoint.parse("https://coach.test/other"), name="Back", locales=("en-IN", "en-GB")),
            True,
            "for https://coach.test/other",
        ),
    ],
)
def test_what_differs_is_a_cross_and_the_command_told_mends_it(
    tmp_path: Path, package: Package, wildcard: bool | None, told: str
) -> None:
    folder = written(tmp_path, package)
    found = uploaded(folder, OURS, wildcard)
    assert found.verdict is Verdict.WRONG
    assert told in found.found
    mended(found)
    assert uploaded(folder, OURS, wildcard).verdict is Verdict.WELL
    manifest = json.loads((folder / "interaction_model/skill.json").read_text())["manifest"]
    listed = manifest["publishingInformation"]["locales"].values()
    assert [each["name"] for each in listed] == [package.name or "Sciatica Coach"] * len(package.locales)


def test_a_model_of_another_version_is_a_cross(tmp_path: Path) -> None:
    folder = written(tmp_path, Package(OURS))
    model = folder / "interaction_model/interactionModels/custom/en-US.json"
    model.write_text(model.read_text().replace('"pause"', '"halt"', 1))
    found = uploaded(folder, OURS, None)
    assert "not what this version of the coach writes" in found.found
    mended(found)
    assert uploaded(folder, OURS, None).verdict is Verdict.WELL


def test_how_ask_cli_formats_its_files_makes_no_difference(tmp_path: Path) -> None:
    folder = written(tmp_path, Package(OURS))
    manifest = folder / "interaction_model/skill.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()), indent=4))
    assert uploaded(folder, OURS, None).verdict is Verdict.WELL


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"manifest": []}', "\udcff", "[" * 100_000])
def test_a_manifest_that_cannot_be_read_is_a_cross(tmp_path: Path, text: str) -> None:
    folder = written(tmp_path, Package(OURS))
    (folder / "interaction_model/skill.json").write_text(text, "utf-8", "surrogateescape")
    found = uploaded(folder, OURS, None)
    assert found.verdict is Verdict.WRONG
    mended(found)
    assert uploaded(folder, OURS, None).verdict is Verdict.WELL


def test_the_example_is_a_cross_where_no_address_is_known(tmp_path: Path) -> None:
    found = uploaded(written(tmp_path, Package(Endpoint.parse(DEFAULT_URL))), None)
    assert found.verdict is Verdict.WRONG
    assert "https://your.host/alexa" in found.mend
    assert uploaded(written(tmp_path, Package(OURS)), None).verdict is Verdict.WELL


def test_a_package_for_a_function_stays_one(tmp_path: Path) -> None:
    assert uploaded(written(tmp_path, Package(LAMBDA)), OURS, True).verdict is Verdict.WELL


def test_no_package_is_neither_tick_nor_cross(tmp_path: Path) -> None:
    found = uploaded(tmp_path / "none", OURS, None)
    assert found.verdict is Verdict.UNSURE
    assert found.mend == f"sciatica-coach setup --url https://coach.test/alexa --write {tmp_path}/none"
