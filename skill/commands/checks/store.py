"""The store: where the places of people are kept."""

import os
import shutil
from contextlib import closing
from pathlib import Path
from time import monotonic

from ask_sdk_core.exceptions import PersistenceException

from skill.commands.checks.finding import Finding
from skill.commands.checks.together import together
from skill.config import Config
from skill.store import StoreUrlError, open_store
from skill.store.url import file_of, told_url

PATIENCE_S = 5.0
SLOWEST_MS = 200
"""A turn makes two calls, and each is given 700 ms."""

LEAST_FREE = 200_000_000
"""Bytes on the disk of a file."""

_MOUNTS = Path("/proc/mounts")
_NETWORKS = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "fuse.sshfs", "fuse.s3fs", "fuse.rclone")
_SET = "set SCIATICA_STORE to what can be written: docs/settings.md"


def store(config: Config) -> list[Finding]:
    """Whether places can be kept, and how fast."""
    told, file = told_url(config.store_url), file_of(config.store_url)
    if file and (above := _folder_of_a_new(file)):
        what = f"there is none yet at {file}; the first turn makes it"
        return [Finding.unsure("places", what), *_disk(file, above)]
    (reply,) = together([lambda: _round_trip_ms(config.store_url)], PATIENCE_S)
    if reply is None:
        return [Finding.wrong("places", f"{told}: no answer within {PATIENCE_S:g} s", _SET)]
    if isinstance(reply, Exception):
        return [Finding.wrong("places", f"{told}: {reply}", _SET)]
    what = f"kept in {told}; {reply} ms a call"
    slow = Finding.wrong("places", what, "put the store nearer to this host, or on a faster disk")
    found = slow if reply > SLOWEST_MS else Finding("places", what)
    return [found, *(_disk(file, file.parent) if file else [])]


def _round_trip_ms(url: str) -> int | Exception:
    """Of a second call: the first one connects."""
    try:
        with closing(open_store(url)) as opened:
            opened.ping()
            begun = monotonic()
            opened.ping()
            return round((monotonic() - begun) * 1000)
    except (PersistenceException, StoreUrlError) as error:
        return error


def _folder_of_a_new(file: Path) -> Path | None:
    """The folder that a missing file is made in, or the one above that is there; None where it cannot be.

    It is not tried: whoever looks may not be whom the file should belong to.
    """
    above = next((each for each in file.absolute().parents if os.path.exists(each)), Path("/"))
    fit = above.is_dir() and os.access(above, os.W_OK | os.X_OK)
    return above if fit and not os.path.exists(file) else None


def _disk(file: Path, folder: Path) -> list[Finding]:
    """Of the file's disk. folder: one that is on it."""
    free = shutil.disk_usage(folder).free
    network = network_of(file, _MOUNTS.read_text("utf-8") if _MOUNTS.exists() else "")
    found = []
    if free < LEAST_FREE:
        what = f"{free / 1e6:.0f} MB free beside {file}"
        found.append(Finding.wrong("disk", what, "make room, or let SCIATICA_STORE name another disk"))
    if network:
        what = f"{file} is on a network file system ({network}), where SQLite may damage it"
        found.append(Finding.wrong("disk", what, "let SCIATICA_STORE name a local disk, or PostgreSQL"))
    return found or [Finding("disk", f"local, {free / 1e9:.1f} GB free")]


def network_of(file: Path, mounts: str) -> str:
    """The kind of network file system that `file` is on, by the lines of /proc/mounts; "" if on none."""
    points = [(fields[1], fields[2]) for line in mounts.splitlines() if len(fields := line.split()) > 2]
    over = [(point, kind) for point, kind in points if file.resolve().is_relative_to(point)]
    kind = max(over, key=lambda each: len(each[0]), default=("", ""))[1]
    return kind if kind.startswith(_NETWORKS) else ""
