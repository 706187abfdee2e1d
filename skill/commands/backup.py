"""`sciatica-coach backup`: a copy of the store, taken while it is used."""

from pathlib import Path

from rich.filesize import decimal

from skill.commands.command import Commands, Options, UsageError, add_command, tell
from skill.commands.draft import draft
from skill.commands.keeping import failures_told, file_of_store, refuse_the_stores_own
from skill.commands.progress import copying_progress
from skill.config import Config
from skill.store.sqlite.backup import back_up


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "backup", "copy the store to a file, while it is used", _do)
    command.add_argument("file", type=Path, metavar="FILE", help="the file to write")
    command.add_argument("--force", action="store_true", help="replace FILE if it exists")


def _do(options: Options, config: Config) -> None:
    store = file_of_store(config, "pg_dump", "DynamoDB's point-in-time recovery")
    file: Path = options.file
    _check(file, store, replaces=options.force)
    with failures_told():
        with draft(file, 0o600) as copy, copying_progress() as progress:
            contents = back_up(store, copy, progress)
        tell(f"{file}: {contents}; {decimal(file.stat().st_size)}")


def _check(file: Path, store: Path, *, replaces: bool) -> None:
    if not store.exists():
        raise UsageError(f"{store} does not exist: there is nothing to back up")
    if not file.parent.is_dir():
        raise UsageError(f"{file} cannot be written: there is no folder {file.parent}")
    if file.is_dir():
        raise UsageError(f"{file} is a folder; allowed: the name of a file")
    refuse_the_stores_own(file, store)
    if file.exists() and not replaces:
        raise UsageError(f"{file} exists; --force replaces it")
