"""`sciatica-coach restore`: put a backup in the place of what is in the store, while it is used."""

import tempfile
from pathlib import Path

from skill.commands.command import Commands, Options, UsageError, add_command, tell
from skill.commands.keeping import failures_told, file_of_store, refuse_the_stores_own
from skill.commands.progress import copying_progress
from skill.config import Config
from skill.store.sqlite.backup import check_backup, contents, put_back


def add(commands: Commands) -> None:
    """Add the command."""
    what = "put a backup in the place of what is in the store, while it is used"
    command = add_command(commands, "restore", what, _do)
    command.add_argument("file", type=Path, metavar="FILE", help="what backup wrote")
    command.add_argument("--force", action="store_true", help="replace the people who are in the store")


def _do(options: Options, config: Config) -> None:
    store = file_of_store(config, "pg_restore", "DynamoDB's point-in-time recovery")
    file: Path = options.file
    if not file.is_file():
        raise UsageError(f"{file} does not exist; allowed: a file that backup wrote")
    refuse_the_stores_own(file, store)
    is_new = not store.exists()
    with failures_told():
        store.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=store.parent, prefix=".restore-") as folder:
            copy = Path(folder) / "copy.sqlite3"
            with copying_progress() as progress:
                comes = check_backup(file, copy, progress)
            goes = contents(store)
            if goes.people and not options.force:
                raise UsageError(f"{store} holds {goes}: make a backup of it; --force then replaces them")
            with copying_progress() as progress:
                put_back(copy, store, progress)
    tell(f"{store}: {comes}" + (f"; replaced {goes}" if goes.people else ""))
    if is_new and store.stat().st_uid != store.parent.stat().st_uid:
        tell(f"{store} is new, and another's than its folder: who runs the service must own it")
