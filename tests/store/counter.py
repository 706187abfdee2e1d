"""Those who count in one record, all at once, whatever happens to the store."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event

from ask_sdk_core.exceptions import PersistenceException

from skill.store.failures import ConflictError
from skill.store.store import Store
from tests.store.speakers import speaks

DAY = datetime.now(UTC).date()
_PAUSE_S = 0.01


@dataclass
class Counter:
    """One of them. It knows by the record whether a save that failed has been carried out after all.

    acknowledged: the revisions that it was told are saved.
    """

    name: str
    store: Store
    tells: Callable[[], object] = lambda: None
    deadline: float = field(default_factory=lambda: time.monotonic() + 60)
    acknowledged: list[int] = field(default_factory=list)

    def counts(self, times: int) -> None:
        """Add 1 so many times."""
        try:
            for nth in range(1, times + 1):
                while not self._has_counted(nth):
                    assert time.monotonic() < self.deadline, f"{self.name} never came to {nth}"
        finally:
            self.store.close()

    def _has_counted(self, nth: int) -> bool:
        try:
            record = self.store.get_attributes(speaks())
            if record.get("by", {}).get(self.name, 0) >= nth:
                return True
            self._saves(record)
        except ConflictError:
            return False
        except PersistenceException:
            Event().wait(_PAUSE_S)
            return False
        return True

    def _saves(self, record: dict[str, object]) -> None:
        upon, by = record.get("revision", 0), record.get("by", {})
        assert isinstance(upon, int)
        assert isinstance(by, dict)
        self.store.save_attributes(
            speaks(),
            {
                "count": record.get("count", 0) + 1,  # type: ignore[operator]
                "by": {**by, self.name: by.get(self.name, 0) + 1},
                "upon": upon,
                "revision": upon + 1,
                "did": {str(DAY): {"all": 1, self.name: 1}},
            },
        )
        self.acknowledged.append(upon + 1)
        self.tells()
