"""Makes each service's OpenAPI document from its routes; `python -m deploy.contracts write` keeps them in docs/."""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import Any

from deploy.contracts.callers import describe_callers
from deploy.processes import services
from shared.config import Mode, OidcConfig, ServiceConfig, audience_of

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "openapi"
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"
NEVER_USED = ("AGGREGATOR_DATABASE_URL", "NATIONAL_DATABASE_URL")
"""Settings that an application asks for at start and needs only for requests, of which this makes none."""


def apis() -> list[str]:
    """Names of the services that have an API; the portal has pages."""
    return [name for name in services() if name != "portal"]


def document(service: str) -> dict[str, Any]:
    """Return a service's document, as plain data in the order of its routes."""
    os.environ.update({name: os.environ.get(name, NOWHERE) for name in NEVER_USED})
    config = ServiceConfig(
        service=service,
        role="web",
        mode=Mode.TEST,
        database_url=NOWHERE,
        pool_size=1,
        kafka=None,
        oidc=OidcConfig("http://localhost", "http://localhost/certs", audience_of(service)),
        aws=None,
        log_level="WARNING",
        portal_url="http://localhost:8000",
        drain_file=None,
    )
    app = importlib.import_module(f"services.{service}.app").create_app(config)
    made: dict[str, Any] = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    describe_callers(made, app, service)
    return made


def rendered(document_: dict[str, Any]) -> str:
    """Return a document's text, the same for the same routes."""
    return json.dumps(document_, indent=1, sort_keys=True, default=str) + "\n"
