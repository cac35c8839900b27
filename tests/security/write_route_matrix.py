"""`python -m tests.security.write_route_matrix` writes the matrix from what the routes declare; read the difference."""

import importlib
import os

import yaml

from shared.config import Mode, OidcConfig, ServiceConfig, audience_of
from shared.testing.service_under_test import ServiceUnderTest
from tests.security.test_route_matrix import MATRIX, SERVICES, declared

HEADER = """# Who may call what: each route with the roles it lets in, its action in the audit trail, and whether it
# needs a second factor within 10 minutes (strong). tests/security/test_route_matrix.py holds every application to this
# list; change it only together with the route, and read the difference as a reviewer would.
"""
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"
NEVER_USED = ("AGGREGATOR_DATABASE_URL", "NATIONAL_DATABASE_URL")
"""Settings that applications ask for at start and need only for requests, of which this makes none."""


def main() -> None:
    """Write tests/security/route_matrix.yaml."""
    os.environ.update(dict.fromkeys(NEVER_USED, NOWHERE))
    matrix = {}
    for name in SERVICES:
        oidc = OidcConfig("http://localhost", "http://localhost/certs", audience_of(name))
        config = ServiceConfig(
            service=name,
            role="web",
            mode=Mode.TEST,
            database_url=NOWHERE,
            pool_size=1,
            kafka=None,
            oidc=oidc,
            aws=None,
            log_level="WARNING",
            portal_url="http://localhost:8000",
            drain_file=None,
        )
        app = importlib.import_module(f"services.{name}.app").create_app(config)
        service = ServiceUnderTest.__new__(ServiceUnderTest)
        service.app, service.name = app, name
        matrix[name] = declared(service)
    MATRIX.write_text(HEADER + yaml.safe_dump(matrix, sort_keys=False, width=120))


if __name__ == "__main__":
    main()
