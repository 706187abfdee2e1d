"""SQLite's place in the conformance suite: a folder of files, and what a kill would leave of them."""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from skill.store.sqlite import SqliteStore

_LOCKS_WITHIN_S = 30


@dataclass
class SqliteFiles:
    """A file that is looked for by way of a link, so that another can take its place at once."""

    folder: Path
    keeps_data: bool = True
    expires: bool = False
    _lives: int = 0
    _locks: list[sqlite3.Connection] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._point_to(self._life(0))

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / "now" / "coach.sqlite3"

    def open(self) -> SqliteStore:
        """A store on the file."""
        return SqliteStore(str(self.path))

    def restart(self) -> None:
        """The file and its log, as they are between two commits, become those of a new life.

        The old file stays locked: what writes there fails, and nothing is acknowledged that is lost.
        """
        lock = sqlite3.connect(self.path, timeout=_LOCKS_WITHIN_S, isolation_level=None)
        self._locks.append(lock)
        lock.execute("begin immediate")
        self._lives += 1
        before, after = self.path.parent.resolve(), self._life(self._lives)
        for name in ("coach.sqlite3", "coach.sqlite3-wal"):
            shutil.copy2(before / name, after / name)
        self._point_to(after)

    def damage(self, text: str) -> None:
        """Overwrite every record."""
        self._do("update person set record = ?", text)

    def age(self, key: str, days: float) -> None:
        """Set back when a person was saved last, to the start of the day as the store does."""
        day = int((time.time() - days * 86_400) // 86_400 * 86_400)
        self._do("update person set updated = ? where key = ?", day, key)

    def people(self) -> set[str]:
        """The keys in the table of persons."""
        return {key for (key,) in self._do("select key from person")}

    def traces(self, key: str) -> int:
        """Rows of any table."""
        rows = (
            "select (select count(*) from person where key = ?1) + (select count(*) from did where key = ?1)"
        )
        return int(self._do(rows, key)[0][0])

    def close(self) -> None:
        """Let go of the files of former lives."""
        for lock in self._locks:
            lock.close()

    def _life(self, nth: int) -> Path:
        folder = self.folder / f"life-{nth}"
        folder.mkdir()
        return folder

    def _point_to(self, life: Path) -> None:
        link = self.folder / "next"
        link.symlink_to(life.name)
        link.replace(self.folder / "now")

    def _do(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            return connection.execute(statement, values).fetchall()


@dataclass(frozen=True)
class SqliteServer:
    """No server at all."""

    folder: Path
    name: str = f"sqlite {sqlite3.sqlite_version}"

    @contextmanager
    def fresh(self) -> Iterator[SqliteFiles]:
        """A folder of its own."""
        files = SqliteFiles(Path(tempfile.mkdtemp(dir=self.folder)))
        try:
            yield files
        finally:
            files.close()


@contextmanager
def running() -> Iterator[SqliteServer]:
    """Where the files go."""
    with tempfile.TemporaryDirectory(prefix="coach-") as folder:
        yield SqliteServer(Path(folder))
