"""An index that is made while people work is made again by the next run, whatever a run that was cut off left of it."""

import pytest

from infra.servers import ConnectionSettings
from shared.testing.databases import fresh_database
from tests.integration.shared.earlier_schema import EarlierSchema

INDEXES = [
    ("directory", "0015", "invitation_by_address", "invitation (tenant_id, org_id, email)"),
    ("directory", "0016", "invitation_by_age", "invitation (sent_at)"),
    ("notification", "0009", "message_by_age", "message (tenant_id, created_at)"),
]


@pytest.mark.parametrize(("service", "revision", "name", "on"), INDEXES)
@pytest.mark.parametrize("whole", [False, True], ids=["half made", "whole and not written down"])
def test_the_next_run_makes_the_index(
    servers: ConnectionSettings, worker: str, service: str, revision: str, name: str, on: str, whole: bool
) -> None:
    database = fresh_database(servers.postgres, service, f"{worker}_cut_off")
    schema = EarlierSchema(servers.postgres, service, database)
    schema.go_back(f"{int(revision) - 1:04}")
    schema.as_superuser(f"create index {name} on {on}")
    schema.as_superuser("update pg_index set indisvalid = %s where indexrelid = to_regclass(%s)", whole, name)

    schema.migrate()

    found = schema.as_superuser("select indisvalid from pg_index where indexrelid = to_regclass(%s)", name)
    assert found == [(True,)]
