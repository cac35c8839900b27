"""Named places where a fault test kills the process, so that each window is hit and not hoped for.

The place is armed by the fault tests through `arm()`, which only the worker's start-up calls with the value of its
configuration outside production; an unarmed place costs one comparison.
"""

import os
import signal

_armed: str | None = None


def arm(place: str | None) -> None:
    """Choose the place where this process dies; None: nowhere."""
    global _armed
    _armed = place


def crash_point(place: str) -> None:
    """Die here as by `kill -9` when this place is armed."""
    if _armed == place:
        os.kill(os.getpid(), signal.SIGKILL)
