"""What the exposition is made of."""

import threading
import time

from service.adapters.telemetry.metrics import MEASURES, Lately


def test_what_was_just_read_serves_all() -> None:
    reads: list[float] = []
    lately = Lately(lambda: reads.append(time.monotonic()) or len(reads), 0.2)  # type: ignore[func-returns-value]
    assert [lately() for _ in range(5)] == [1] * 5
    time.sleep(0.25)
    assert lately() == 2


def test_all_who_come_at_once_wait_for_one_look() -> None:
    reads, found = [], []

    def read() -> int:
        reads.append(1)
        time.sleep(0.2)
        return len(reads)

    lately = Lately(read, 5.0)
    threads = [threading.Thread(target=lambda: found.append(lately())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 8


def test_a_look_that_failed_is_not_kept() -> None:
    answers = [OSError("away"), 5]

    def read() -> int:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    lately = Lately(read, 60.0)
    try:
        lately()
    except OSError:
        assert lately() == 5
    else:
        raise AssertionError("the error is not hidden")


def test_names_say_their_unit_and_no_gauge_looks_like_a_counter() -> None:
    for measure in MEASURES:
        assert not measure.name.endswith(("_total", "_count", "_sum", "_bucket")), measure.name
        is_time = any(f"_{what}_" in f"_{measure.name}_" for what in ("age", "duration", "interval", "timestamp"))
        assert measure.name.endswith("_seconds") == is_time, measure.name
    assert len({measure.name for measure in MEASURES}) == len(MEASURES)
