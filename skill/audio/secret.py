"""The secret that names of recordings are signed with."""

import logging
import os
import secrets
from pathlib import Path

_log = logging.getLogger(__name__)
_NAME = "secret"


def kept_secret(folder: Path) -> str:
    """The secret kept in `folder`, made at the first call; where none can be kept, one for this process."""
    path, fresh = folder / _NAME, secrets.token_urlsafe(32)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _written(path, fresh) or path.read_text("utf-8")
    except OSError as error:
        _log.warning("%s: names of recordings end with this process: set SCIATICA_SECRET", error)
        return fresh


def _written(path: Path, secret: str) -> str:
    """`secret`, once it stands in `path` whole; "" where another process was first."""
    draft = path.with_name(f"{_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
    try:
        os.link(draft, path)
    except FileExistsError:
        return ""
    finally:
        draft.unlink()
    return secret
