"""What the runner says while it works: one line a step, with its time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 62


def say(text: str = "") -> None:
    print(text, flush=True)


def heading(text: str) -> None:
    say(f"\n{text}")


def done(text: str, seconds: float) -> None:
    """A finished step."""
    say(f"  {text:<{WIDTH}} {seconds:6.1f} s")


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done, and how long it took when it is done. Nothing is said of a step that failed."""
    if sys.stdout.isatty():
        print(f"  {text} …", end="", flush=True)
    started = time.monotonic()
    yield
    if sys.stdout.isatty():
        print("\r" + " " * (len(text) + 4) + "\r", end="")
    done(text, time.monotonic() - started)
