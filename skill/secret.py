"""The secret of a host: names of recordings and session attributes are signed with it.

People are called in the log by a hash that is keyed with it.
"""

import logging
import os
import secrets
from contextlib import suppress
from hashlib import blake2b, sha256
from pathlib import Path

from skill.config import Config

_log = logging.getLogger(__name__)
_NAME = "secret"


def kept_secret(folder: Path) -> str:
    """The secret kept in `folder`, made at the first call; where none can be kept, one for this process."""
    path, fresh = secret_file(folder), secrets.token_urlsafe(32)
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _write(path, fresh)
        if kept := path.read_text("utf-8"):
            return kept
        raise OSError(f"{path} is empty")
    except OSError as error:
        _log.warning("%s: what is signed is good for this process only: set SCIATICA_SECRET", error)
        return fresh


def secret_file(folder: Path) -> Path:
    """Where a secret is kept in `folder`."""
    return folder / _NAME


def secret_of(config: Config) -> str:
    """The secret that is set, or that is kept beside the recordings."""
    return config.secret or kept_secret(config.audio_folder)


def pseudonym(secret: str, name: str) -> str:
    """What `name` is called in the log: always the same, and told by nobody without the secret."""
    return blake2b(name.encode(), key=sha256(secret.encode()).digest(), digest_size=6).hexdigest()


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
