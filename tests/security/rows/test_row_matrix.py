"""T1, T2: who may see, add, change, remove or give away a row of each table, held to a list that a person reviews.

`row_matrix.yaml` names the askers that get through (tests/security/rows/principals.py says who they are); a table
without a row in it, or anybody who gets further or less far, turns a test red.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Table

from infra.servers import ConnectionSettings
from shared.testing.databases import fresh_database
from tests.architecture.source_tree import SERVICES
from tests.security.rows.planting import WITHOUT_MECHANISM, mechanism_tables, rows_of, tables_of
from tests.security.rows.probing import Policy, probing

MATRIX = Path(__file__).with_name("row_matrix.yaml")
EVERYWHERE = "in every service"


COMMON_ROLES = ("app", "relay")
"""Database roles that every service has."""


def matrix_of_mechanisms(superuser_url: str, service: str) -> dict[str, Any]:
    """Return who gets at the tables that every service has, through the roles that every service has."""
    return _found(superuser_url, service, mechanism_tables(), _common(service), others=False)


def matrix_of_service(superuser_url: str, service: str) -> dict[str, Any]:
    """Return who gets at a service's own tables, and what its further roles may do with those of the mechanisms."""
    own = _found(superuser_url, service, tables_of(service), set(), others=True)
    shared = () if service in WITHOUT_MECHANISM else mechanism_tables()
    return own | _found(superuser_url, service, shared, _common(service), others=True)


def _common(service: str) -> set[str]:
    return {f"{role}_{service}" for role in COMMON_ROLES}


def _found(
    superuser_url: str, service: str, tables: tuple[Table, ...], roles: set[str], *, others: bool
) -> dict[str, Any]:
    """Ask in `roles`, or (`others`) in all but those; the answer has the shape of the matrix."""
    with probing(superuser_url, service) as (probe, policies):
        matrix: dict[str, Any] = {}
        for row in rows_of(tables):
            with probe.planted(row):
                for role in _roles(policies, row.table.name):
                    if (role in roles) is others:
                        continue
                    name = row.name if role == f"app_{service}" else f"{row.name} as {role.removesuffix(f'_{service}')}"
                    matrix[name] = {
                        command: probe.admitted(row, role, command) for command in probe.commands(row, policies, role)
                    }
    return matrix


def _roles(policies: list[Policy], table: str) -> list[str]:
    return sorted({policy.role for policy in policies if policy.table == table})


def superuser_url_of(servers: ConnectionSettings, service: str, worker: str) -> str:
    """Return a database of this service that no other test uses."""
    return servers.postgres.superuser_dsn(fresh_database(servers.postgres, service, f"{worker}_rows"))


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    """Return each service in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def superuser_url(servers: ConnectionSettings, service: str, worker: str) -> str:
    """Return the service's database."""
    return superuser_url_of(servers, service, worker)


def test_who_gets_at_a_row_is_who_the_reviewed_list_says(service: str, superuser_url: str) -> None:
    reviewed = yaml.safe_load(MATRIX.read_text())[service]

    assert matrix_of_service(superuser_url, service) == reviewed


def test_the_tables_of_the_mechanisms_are_guarded_alike_in_every_service(service: str, superuser_url: str) -> None:
    if service in WITHOUT_MECHANISM:
        pytest.skip("it has none of these tables")
    reviewed = yaml.safe_load(MATRIX.read_text())[EVERYWHERE]

    assert matrix_of_mechanisms(superuser_url, service) == reviewed
