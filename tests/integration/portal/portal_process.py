"""The portal's web process as production runs it (entrypoint, gunicorn), on the database of the portal under test."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.integration.portal.portal_under_test import BASE, PortalUnderTest
from tests.integration.slow_callers import ask

ENTRYPOINT = Path(__file__).resolve().parents[3] / "deploy" / "entrypoint.sh"
THREADS = 4
READY_WITHIN = 60.0


@contextmanager
def portal_process(portal: PortalUnderTest, log: Path) -> Iterator[int]:
    """Run the portal's web role with `THREADS` threads; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with log.open("w") as written:
        process = subprocess.Popen(
            [str(ENTRYPOINT), "portal", "web"], env=_environment(portal, port), stdout=written, stderr=written,
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait_until_ready(port)
        yield port
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=40)


def _environment(portal: PortalUnderTest, port: int) -> dict[str, str]:
    config = portal.app.extensions["portal"].config
    assert config.work is not None
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
        **{f"{name.upper()}_URL": url for name, url in config.api_urls.items()},
        "PYTHON": sys.executable, "MODE": "test", "LOG_LEVEL": "WARNING", "PORT": str(port), "PORTAL_URL": BASE,
        "WEB_WORKERS": "1", "WEB_THREADS": str(THREADS), "DRAIN_SECONDS": "0", "REQUESTS_PER_ADDRESS": "0",
        "DATABASE_URL": config.service.database_url, "OIDC_ISSUER": config.issuer,
        "OIDC_JWKS_URL": f"{config.issuer}/protocol/openid-connect/certs",
        "PORTAL_CLIENT_SECRET": config.client_secret, "PORTAL_SECRET_KEY": config.secret_key,
        "PORTAL_ENCRYPTION_KEY": ",".join(config.encryption_keys),
    }  # fmt: skip


def _wait_until_ready(port: int) -> None:
    give_up = time.monotonic() + READY_WITHIN
    while time.monotonic() < give_up:
        with suppress(OSError):
            if ask(port, "/health/ready").status == 200:
                return
        time.sleep(0.1)
    raise TimeoutError(f"the portal was not ready within {READY_WITHIN:.0f} s")
