"""Things done side by side."""

from threading import Event, Lock

import pytest

from skill.commands.checks.together import AT_ONCE, together


def test_results_come_in_order_and_a_few_at_a_time() -> None:
    lock, now, most = Lock(), [0], [0]

    def task(number: int) -> int:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        Event().wait(0.005)
        with lock:
            now[0] -= 1
        return number

    assert together([lambda number=number: task(number) for number in range(9)], 20) == list(range(9))
    assert 1 < most[0] <= AT_ONCE


def test_what_hangs_is_left_behind() -> None:
    over = Event()
    assert together([lambda: over.wait(20), lambda: True], 0.1) == [None, True]
    over.set()


def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        together([lambda: 1 // 0], 20)
