"""Who runs the coach, and who else can read what it keeps."""

import os
import shlex
import stat
from pathlib import Path

from skill.commands.checks.finding import Finding
from skill.config import Config
from skill.secret import secret_file
from skill.store.url import file_of


def permissions(config: Config) -> list[Finding]:
    """Whether what is kept is the coach's alone."""
    return [_user(), _files(config), *_folder(config)]


def _user() -> Finding:
    if os.geteuid() == 0:
        mend = "run it as a user of its own, as docs/hosting.md does"
        return Finding.wrong("user", "root: a fault in the coach would be a fault of the whole host", mend)
    return Finding("user", "not root")


def _files(config: Config) -> Finding:
    store, secret = file_of(config.store_url), secret_file(config.audio_folder)
    kept = [each for each in (store, secret if not config.secret else None) if each and os.path.exists(each)]
    open_ones = [each for each in kept if _others_read(each)]
    if open_ones:
        what = f"anybody on this host can read {', '.join(map(str, open_ones))}"
        return Finding.wrong("files", what, f"chmod 600 {shlex.join(map(str, open_ones))}")
    return Finding("files", "what is kept in files is the coach's alone")


def _others_read(file: Path) -> bool:
    """Whether everybody may read it, through every folder above it."""
    above = file.resolve().parents
    return bool(file.stat().st_mode & stat.S_IROTH) and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in above
    )


def _folder(config: Config) -> list[Finding]:
    """The recordings are read; the secret is kept beside them, unless it is set."""
    folder = config.audio_folder
    if not folder.exists():
        return []
    if not os.access(folder, os.R_OK | os.X_OK):
        return [Finding.wrong("audio", f"{folder} cannot be read", f"chmod u+rwX {shlex.quote(str(folder))}")]
    if not config.secret and not secret_file(folder).exists() and not os.access(folder, os.W_OK):
        what = f"{folder} cannot be written, and there is no secret in it"
        return [Finding.wrong("audio", what, "set SCIATICA_SECRET")]
    return []
