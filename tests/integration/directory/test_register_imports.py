"""Importing the published register: a dry run that changes nothing, then one decision to apply it."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.postgres.bootstrap import copy_database, drop_database
from infra.servers import ConnectionSettings
from services.directory.app import create_app
from services.directory.commands.first_start import load_register
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.database import Database, UnitOfWork
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.databases import fresh_database
from shared.testing.service_under_test import Client, ServiceUnderTest, service_config_for_tests
from shared.testing.token_mint import TokenMint
from tests.integration.directory.conftest import Register

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="module")
def filled(servers: ConnectionSettings, worker: str) -> Iterator[str]:
    """The name of a database with the real register, to be copied."""
    name = fresh_database(servers.postgres, "directory", f"{worker}_register")
    database = Database(servers.postgres.dsn("app_directory", name, scheme="postgresql+psycopg"), pool_size=1)
    with UnitOfWork(database, Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        load_register(uow)
        uow.commit()
    database.dispose()
    yield name
    drop_database(servers.postgres.superuser_dsn("postgres"), name)


@pytest.fixture
def alone(servers: ConnectionSettings, mint: TokenMint, filled: str) -> Iterator[ServiceUnderTest]:
    """A directory with the real register to itself: an import looks at all of it, so tests would see each other."""
    name = f"{filled}_copy"
    copy_database(servers.postgres.superuser_dsn("postgres"), template=filled, name=name)
    url = servers.postgres.dsn("app_directory", name, scheme="postgresql+psycopg")
    config = service_config_for_tests("directory", url, mint)
    database = Database(url, pool_size=4)
    superuser = servers.postgres.superuser_dsn(name)
    yield ServiceUnderTest("directory", create_app(config, database=database), database, superuser, mint, config)
    database.dispose()
    drop_database(servers.postgres.superuser_dsn("postgres"), name)


@pytest.fixture
def administrator(alone: ServiceUnderTest) -> Client:
    return alone.client(Register(alone).national(Role.NATIONAL_ADMINISTRATOR))


def row(code: str, name: str, icb: str, *, region: str = "Y56", opened: str = "20200401", closed: str = "") -> str:
    cells = [""] * 27
    cells[0], cells[1], cells[2], cells[3], cells[10], cells[11] = code, name, region, icb, opened, closed
    return ",".join(f'"{cell}"' for cell in cells)


def upload(client: Client, content: bytes, name: str = "etr.csv") -> Any:
    return client.post("/v1/register-imports", data={"file": (io.BytesIO(content), name)})


def upload_rows(client: Client, *rows: str) -> Any:
    return upload(client, ("\r\n".join(rows) + "\r\n").encode())


def codes(report: dict[str, Any], part: str) -> list[str]:
    return [item["code"] for item in report[part]]


def test_rows_of_the_published_file_change_nothing_in_the_register_made_from_it(
    alone: ServiceUnderTest, administrator: Client
) -> None:
    answer = upload(administrator, (FIXTURES / "etr_excerpt_2026-07.csv").read_bytes())

    report = answer.json["report"]
    assert answer.status_code == 201
    assert report["to_apply"] == 0
    assert report["unchanged"] == 12
    assert codes(report, "outside_england") == ["RQF"]
    assert len(report["absent"]) == 202 - 9  # open trusts that the excerpt leaves out: listed, never closed


def test_a_dry_run_lists_each_kind_of_change_and_changes_nothing(
    alone: ServiceUnderTest, administrator: Client
) -> None:
    before = len(alone.events())

    report = upload_rows(
        administrator,
        row("ZZ901", "A NEW NHS TRUST", "QKK"),
        row("R0A", "GREATER MANCHESTER NHS FOUNDATION TRUST", "QOP", region="Y62"),
        row("RAX", "KINGSTON AND RICHMOND NHS FOUNDATION TRUST", "QWE", closed="20261031"),
        row("RPG", "OXLEAS NHS FOUNDATION TRUST", "QKK"),
        row("RVJ", "NORTH BRISTOL NHS TRUST", "QUY", region="Y58"),
        row("ZZ902", "TRUST OF AN UNKNOWN BOARD", "QZZ"),
        row("ZZ903", "A WELSH TRUST", "Q99", region="W00"),
    ).json["report"]

    assert codes(report, "new") == ["ZZ901"]
    assert [(i["code"], i["after"]) for i in report["renamed"]] == [("R0A", "Greater Manchester NHS Foundation Trust")]
    assert [(i["code"], i["effective_on"]) for i in report["closed"]] == [("RAX", "2026-11-01")]
    assert [(i["code"], i["before"], i["after"]) for i in report["moved"]] == [("RPG", "QKS", "QKK")]
    assert codes(report, "reopened") == ["RVJ"]
    assert codes(report, "unknown_icb") == ["ZZ902"]
    assert codes(report, "outside_england") == ["ZZ903"]
    assert len(alone.events()) == before
    assert administrator.get("/v1/organisations/ZZ901").status_code == 404


def test_applying_does_what_the_dry_run_showed_and_tells_every_service(
    alone: ServiceUnderTest, administrator: Client
) -> None:
    tried = upload_rows(
        administrator,
        row("ZZ901", "A NEW NHS TRUST", "QKK"),
        row("R0A", "GREATER MANCHESTER NHS FOUNDATION TRUST", "QOP", region="Y62"),
        row("RAX", "KINGSTON AND RICHMOND NHS FOUNDATION TRUST", "QWE", closed="20261031"),
        row("RPG", "OXLEAS NHS FOUNDATION TRUST", "QKK"),
        row("RVJ", "NORTH BRISTOL NHS TRUST", "QUY", region="Y58"),
    ).json

    applied = administrator.post(f"/v1/register-imports/{tried['id']}/apply")

    assert (applied.status_code, applied.json["state"]) == (200, "applied")
    new = administrator.get("/v1/organisations/ZZ901").json
    assert (new["name"], new["tenant"], new["sector"]) == ("A New NHS Trust", "QKK", None)
    renamed = administrator.get("/v1/organisations/R0A").json["names"]
    assert [n["name"] for n in renamed] == [
        "Greater Manchester NHS Foundation Trust",
        "Manchester University NHS Foundation Trust",
    ]
    moved = administrator.get("/v1/organisations/RPG").json
    assert (moved["tenant"], moved["region"]) == ("QKK", "Y56")
    reopened = administrator.get("/v1/organisations/RVJ").json
    assert (reopened["open_until"], [t["valid_until"] for t in reopened["tenancies"]]) == (None, [None])
    told = {(e.type, e.org_id) for e in alone.events()}
    assert {
        (event_types.ORGANISATION_REGISTERED, "ZZ901"),
        (event_types.ORGANISATION_RENAMED, "R0A"),
        (event_types.ORGANISATION_CLOSED, "RAX"),
        (event_types.ORGANISATION_MOVED, "RPG"),
        (event_types.ORGANISATION_REGISTERED, "RVJ"),
    } <= told


def test_the_same_file_after_applying_changes_nothing(alone: ServiceUnderTest, administrator: Client) -> None:
    rows = [row("ZZ901", "A NEW NHS TRUST", "QKK"), row("RPG", "OXLEAS NHS FOUNDATION TRUST", "QKK")]
    administrator.post(f"/v1/register-imports/{upload_rows(administrator, *rows).json['id']}/apply")

    again = upload_rows(administrator, *rows).json["report"]

    assert (again["to_apply"], again["unchanged"]) == (0, 2)


def test_an_import_is_applied_once(alone: ServiceUnderTest, administrator: Client) -> None:
    tried = upload_rows(administrator, row("ZZ901", "A NEW NHS TRUST", "QKK")).json
    administrator.post(f"/v1/register-imports/{tried['id']}/apply")

    again = administrator.post(f"/v1/register-imports/{tried['id']}/apply")

    assert (again.status_code, again.json["type"]) == (409, "/problems/import-applied")


def test_what_was_shown_is_what_is_done_or_nothing(alone: ServiceUnderTest, administrator: Client) -> None:
    first = upload_rows(administrator, row("RPG", "OXLEAS NHS FOUNDATION TRUST", "QKK")).json
    second = upload_rows(administrator, row("RPG", "OXLEAS NHS FOUNDATION TRUST", "QKK")).json
    administrator.post(f"/v1/register-imports/{second['id']}/apply")

    stale = administrator.post(f"/v1/register-imports/{first['id']}/apply")

    assert (stale.status_code, stale.json["type"]) == (409, "/problems/register-changed")
    assert administrator.get(f"/v1/register-imports/{first['id']}").json["state"] == "tried"


def test_a_file_that_is_not_the_register_is_refused_whole_with_row_and_column(
    alone: ServiceUnderTest, administrator: Client
) -> None:
    refused = upload_rows(
        administrator, row("ZZ901", "A NEW NHS TRUST", "QKK"), row("ZZ902", "ANOTHER NHS TRUST", "QKK", opened="soon")
    )

    assert (refused.status_code, refused.json["type"]) == (422, "/problems/register-file-refused")
    assert refused.json["errors"][0]["field"] == "file"
    assert [(r["row"], r["column"]) for r in refused.json["rows"]] == [(2, 11)]


def test_a_file_over_the_limit_is_refused(alone: ServiceUnderTest, administrator: Client) -> None:
    assert upload(administrator, b"x" * 3_000_000).status_code == 413


def test_a_request_without_a_file_is_refused(alone: ServiceUnderTest, administrator: Client) -> None:
    refused = administrator.post("/v1/register-imports", data={})

    assert refused.status_code == 422


def test_only_the_national_administrator_imports(alone: ServiceUnderTest, administrator: Client) -> None:
    tried = upload_rows(administrator, row("ZZ901", "A NEW NHS TRUST", "QKK")).json
    analyst = alone.client(Register(alone).national(Role.NATIONAL_ANALYST))
    weak = alone.client(Register(alone).national(Role.NATIONAL_ADMINISTRATOR), strong=False)

    assert upload_rows(analyst, row("ZZ901", "A NEW NHS TRUST", "QKK")).status_code == 403
    assert analyst.get(f"/v1/register-imports/{tried['id']}").status_code == 403
    assert analyst.post(f"/v1/register-imports/{tried['id']}/apply").status_code == 403
    assert weak.post(f"/v1/register-imports/{tried['id']}/apply").status_code == 401
