"""Named places where a fault test kills the process, so that each window is hit and not hoped for.

A process that was started in a test with CRASHPOINT=<folder> dies at a place while a file of that name lies in the
folder, and takes the file away first: one arming hits once, in whichever process comes by, and a file that is gone
proves that the window was hit. In a process started without, a place costs one comparison.
"""

import os
import signal
from pathlib import Path

_folder: Path | None = None


def arm(folder: str | None) -> None:
    """Choose where this process looks for the places at which it dies; None: nowhere."""
    global _folder
    _folder = Path(folder) if folder else None


def crash_point(place: str) -> None:
    """Die here as by `kill -9` when this place is armed."""
    if _folder is None:
        return
    try:
        (_folder / place).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
