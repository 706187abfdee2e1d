"""No dependency that we ship is known to be vulnerable, as far as the package index can be asked."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LOCK = Path(__file__).parent.parent / "requirements.lock"
DEADLINE_S = 60


class CannotTell(Exception):
    """Nobody could be asked, about some dependencies or about all; the message says who and why."""


def audit(lock: Path) -> None:
    """Ask the index about everything in `lock`. Fails for a vulnerability, raises CannotTell."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", lock, "--disable-pip", "--format", "json"]
    try:
        done = subprocess.run(
            [*command, "--progress-spinner", "off", "--timeout", "10"],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CannotTell(f"pip-audit did not end within {DEADLINE_S} s") from None
    judge(done.stdout, done.stderr)


def judge(report: str, errors: str) -> None:
    """Fails for a vulnerability in pip-audit's `report`, raises CannotTell for what is not told of."""
    try:
        dependencies: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (errors.strip() or "pip-audit said nothing").splitlines()[-1]
        raise CannotTell(f"pip-audit reached no index: {last[:200]}") from None
    found = [
        f"{each['name']} {each['version']}: {flaw['id']}, mended in {flaw['fix_versions'] or 'no version'}"
        for each in dependencies
        for flaw in each.get("vulns", ())
    ]
    assert found == [], "a dependency is vulnerable: make lock"
    unknown = [each["name"] for each in dependencies if "skip_reason" in each]
    if unknown or not dependencies:
        raise CannotTell(
            f"the index knows nothing of {len(unknown)} of {len(dependencies)}: {unknown[:3]} ..."
        )


def test_no_dependency_is_known_to_be_vulnerable() -> None:
    try:
        audit(LOCK)
    except CannotTell as reason:
        pytest.skip(f"the dependencies are NOT audited: {reason}")


def report(*dependencies: dict[str, Any]) -> str:
    """What pip-audit says of them."""
    return json.dumps({"dependencies": dependencies, "fixes": []})


GOOD = {"name": "flask", "version": "3.1.3", "vulns": []}
UNKNOWN = {"name": "rich", "skip_reason": "Dependency not found and could not be audited"}
FLAWED = {"name": "gunicorn", "version": "20.0.0", "vulns": [{"id": "GHSA-1", "fix_versions": ["22.0.0"]}]}


def test_a_vulnerability_fails_by_its_name_even_where_others_are_unknown() -> None:
    with pytest.raises(AssertionError, match=r"gunicorn 20\.0\.0: GHSA-1, mended in \['22\.0\.0'\]"):
        judge(report(GOOD, UNKNOWN, FLAWED), "")


@pytest.mark.parametrize(
    ("told", "errors", "reason"),
    [
        (report(GOOD, UNKNOWN), "", "nothing of 1 of 2: .*rich"),
        (report(), "", "0 of 0"),
        ("", "Traceback ...\nConnectionError: no route\n", "no index: ConnectionError: no route"),
        ("", "", "said nothing"),
    ],
)
def test_what_cannot_be_told_is_not_taken_for_good(told: str, errors: str, reason: str) -> None:
    with pytest.raises(CannotTell, match=reason):
        judge(told, errors)


def test_what_is_known_and_good_passes() -> None:
    judge(report(GOOD), "WARNING: nothing to see")
