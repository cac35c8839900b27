"""Waits for what a test has set in motion."""

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], what: str, seconds: float = 180, every: float = 0.1) -> float:
    """Wait until `condition` holds; fails saying `what` did not happen. Return how many seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + seconds, f"{what}: not within {seconds:.0f} s"
        time.sleep(every)
    return time.monotonic() - began
