"""A cache of clips: the bytes that were asked for last, and no more of them than fit."""

import threading
from collections import OrderedDict


class ClipCache:
    """At most `most_bytes` of clips, shared by all threads."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._clips: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def get(self, name: str) -> bytes | None:
        """The clip called `name`; None where it is not kept."""
        with self._lock:
            if name in self._clips:
                self._clips.move_to_end(name)
            return self._clips.get(name)

    def put(self, name: str, clip: bytes) -> None:
        """Keep `clip` under `name`; those that were not asked for the longest make room."""
        with self._lock:
            self._size += len(clip) - len(self._clips.pop(name, b""))
            self._clips[name] = clip
            while self._size > self._most:
                _, oldest = self._clips.popitem(last=False)
                self._size -= len(oldest)
