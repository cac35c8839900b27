"""A service's web process as production runs it (entrypoint, gunicorn), and callers that keep their connection."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from infra.servers import Profile
from services.insight.config import InsightConfig
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person

ENTRYPOINT = Path(__file__).resolve().parents[2] / "deploy" / "entrypoint.sh"
READY_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Door:
    """Where a web process listens, and how somebody identifies there."""

    service: ServiceUnderTest
    port: int

    def caller(self, person: Person) -> "Caller":
        """A connection kept open by one person."""
        return Caller(self.port, self.headers(person))

    def headers(self, person: Person) -> dict[str, str]:
        """What this person's requests carry."""
        return self.service.client(person).headers


class Caller:
    """One person's kept connection."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {**headers, "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None, *, version: int | None = None) -> Any:
        """Return what is answered; raises AssertionError unless it is a success."""
        headers = self._headers if version is None else self._headers | {"If-Match": f'"{version}"'}
        self._connection.request(method, path, body=None if body is None else orjson.dumps(body), headers=headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status < 300, (method, path, answer.status, content[:300])
        return orjson.loads(content) if content else None


@contextmanager
def web_process(
    service: ServiceUnderTest, profile: Profile, *, workers: int = 2, more: Mapping[str, str] | None = None
) -> Iterator[Door]:
    """Run the web role on this database until the block ends."""
    port = _free_port(profile, f"bench-{service.name}")
    log = (profile.logs / f"bench-{service.name}.log").open("w")
    process = subprocess.Popen(
        [str(ENTRYPOINT), service.name, "web"], env=_environment(service, port, workers) | dict(more or {}),
        stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    try:
        _wait_until_ready(port)
        yield Door(service, port)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=30)


def _free_port(profile: Profile, purpose: str) -> int:
    """Return the port kept for this purpose, or another one where a foreign program listens there by now."""
    port = profile.port(purpose)
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return profile.another_port(purpose)
    return port


BEYOND_REACH = "1000000000"
"""Requests are counted, as in production, and the counting is part of what is measured; nobody is refused."""


def _environment(service: ServiceUnderTest, port: int, workers: int) -> dict[str, str]:
    oidc = service.config.oidc
    assert oidc is not None
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
        "PYTHON": sys.executable,
        "MODE": "test",
        "LOG_LEVEL": "WARNING",
        "PORT": str(port),
        "WEB_WORKERS": str(workers),
        "WEB_THREADS": "8",
        "DRAIN_SECONDS": "0",
        "REQUESTS_PER_PERSON": BEYOND_REACH,
        "REQUESTS_PER_ADDRESS": BEYOND_REACH,
        "DATABASE_URL": service.config.database_url,
        "OIDC_ISSUER": oidc.issuer,
        "OIDC_JWKS_URL": oidc.jwks_url,
    }


def _wait_until_ready(port: int) -> None:
    give_up = time.monotonic() + READY_WITHIN
    while time.monotonic() < give_up:
        with suppress(OSError, AssertionError, http.client.HTTPException):
            Caller(port, {}).call("GET", "/health/ready")
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing was ready on port {port} within {READY_WITHIN:.0f} s")


def further_logins(insight: ServiceUnderTest) -> dict[str, str]:
    """The settings that insight's web process is given beyond those of every service."""
    config = insight.config
    assert isinstance(config, InsightConfig)
    return {"AGGREGATOR_DATABASE_URL": config.aggregator_url, "NATIONAL_DATABASE_URL": config.national_url}
