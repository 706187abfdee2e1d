"""The secret of a host."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from skill.secret import kept_secret, pseudonym


def test_the_secret_is_made_once_however_many_ask_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: kept_secret(tmp_path / "new"), range(64)))
    assert len(secrets) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret"]
    assert (tmp_path / "new" / "secret").stat().st_mode & 0o777 == 0o600
    assert len(secrets.pop()) >= 32


def test_where_no_secret_can_be_kept_there_is_one_for_the_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    assert len(kept_secret(tmp_path / "file")) >= 32
    assert "SCIATICA_SECRET" in caplog.text


def test_a_secret_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    kept = kept_secret(tmp_path)
    tmp_path.chmod(0o500)
    assert kept_secret(tmp_path) == kept
    tmp_path.chmod(0o700)


def test_an_empty_secret_signs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "secret").write_text("")
    assert len(kept_secret(tmp_path)) >= 32
    assert "is empty" in caplog.text


def test_who_it_is_cannot_be_told_from_the_log_without_the_secret() -> None:
    user = "amzn1.ask.account.A"
    assert pseudonym("one", user) == pseudonym("one", user)
    assert len({pseudonym("one", user), pseudonym("two", user), pseudonym("one", "amzn1.ask.account.B")}) == 3
    assert len(pseudonym("one", user)) == 12
