"""Is this process ready? A web process is asked; a background process is judged by the age of its heartbeat file.

`python -m deploy.healthcheck` ends with 0 when it is. Image and orchestrator use the same command.
"""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

OLDEST_BEAT_SECONDS = 60.0


def is_healthy(environment: Mapping[str, str], now: float) -> bool:
    """Judge by PORT (a web process) or HEARTBEAT_FILE (a background process)."""
    if port := environment.get("PORT"):
        return _answers(f"http://127.0.0.1:{port}/health/ready")
    try:
        return now - Path(environment["HEARTBEAT_FILE"]).stat().st_mtime < OLDEST_BEAT_SECONDS
    except (KeyError, FileNotFoundError):
        return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=4) as reply:  # noqa: S310 - this process's own address
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if is_healthy(os.environ, time.time()) else 1)
