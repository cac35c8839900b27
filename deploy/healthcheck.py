"""Is this process ready? A web process is asked; a background process is judged by the age of its heartbeat file.

`python -m deploy.healthcheck` ends with 0 when it is. Image and orchestrator use the same command, and run it in every
container a few times a minute: so it loads as little as it can.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping

OLDEST_BEAT_SECONDS = 60.0


def is_healthy(environment: Mapping[str, str], now: float) -> bool:
    """Judge by PORT (a web process) or HEARTBEAT_FILE (a background process)."""
    if port := environment.get("PORT"):
        return _answers(int(port))
    try:
        return now - os.stat(environment["HEARTBEAT_FILE"]).st_mtime < OLDEST_BEAT_SECONDS
    except (KeyError, FileNotFoundError):
        return False


def _answers(port: int) -> bool:
    """Ask this process's own address; only a web process needs the client."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (HTTPException, OSError):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_healthy(os.environ, time.time()) else 1)
