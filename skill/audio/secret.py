"""The secret that names of recordings are signed with."""

import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path

_log = logging.getLogger(__name__)
_NAME = "secret"


def kept_secret(folder: Path) -> str:
    """The secret kept in `folder`, made at the first call; where none can be kept, one for this process."""
    path, fresh = folder / _NAME, secrets.token_urlsafe(32)
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _write(path, fresh)
        if kept := path.read_text("utf-8"):
            return kept
        raise OSError(f"{path} is empty")
    except OSError as error:
        _log.warning("%s: names of recordings end with this process: set SCIATICA_SECRET", error)
        return fresh


def _write(path: Path, secret: str) -> None:
    """Let `secret` stand in `path`, whole, unless another process was first."""
    draft = path.with_name(f"{_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
