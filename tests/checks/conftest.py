"""What the tests of the checks share: the authority that is trusted."""

from pathlib import Path

import pytest

from skill.commands.checks.line import ROOTS_VARIABLE
from tests.checks.host import trust


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Trust the test authority alone, as its owner would."""
    monkeypatch.setenv(ROOTS_VARIABLE, str(trust(tmp_path)))
