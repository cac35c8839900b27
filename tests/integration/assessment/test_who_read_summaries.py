"""A6: from the audit trail alone, which of the ICB's people read what an organisation shared, and when."""

from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from shared.contracts.roles import Role
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.assessment.boards import Board, found_board

SHARED = {"share_summary": True, "count_us": False, "progress_visible": True}
WHO_SAW_US = (
    "select person_id, min(at) as first_read_at, max(at) as last_read_at from assessment.audit_entry"
    " where action in ('shared-summaries.read', 'shared-summary.read') and object_type = 'organisation'"
    " and object_id = %s and outcome = 'done' group by person_id"
)
LEDGER = (
    "select person_id, min(first_read_at) as first_read_at, max(last_read_at) as last_read_at"
    " from assessment.shared_view_reading where org_id = %s group by person_id"
)


def asked(service: ServiceUnderTest, question: str, org_id: str) -> dict[str, tuple[datetime, datetime]]:
    with psycopg.connect(service.superuser_url, row_factory=dict_row) as superuser:
        rows: list[dict[str, Any]] = superuser.execute(question.encode(), [org_id]).fetchall()
    return {row["person_id"]: (row["first_read_at"], row["last_read_at"]) for row in rows}


def lines_of(service: ServiceUnderTest, reader: Person) -> list[tuple[str, str | None, str | None]]:
    query = b"select action, object_type, object_id from assessment.audit_entry where person_id = %s order by seq"
    with psycopg.connect(service.superuser_url) as superuser:
        return superuser.execute(query, [reader.person_id]).fetchall()


@pytest.fixture
def sharing(board: Board) -> Board:
    board.do(board.chair, board.signed_round(), "sharing/decide", SHARED)
    return board


@pytest.fixture
def neighbour(sharing: Board) -> Board:
    """Another trust of the same ICB, which shares two rounds."""
    found = found_board(sharing.service, tenant=sharing.tenant)
    for _ in range(2):
        found.do(found.chair, found.signed_round(), "sharing/decide", SHARED)
    return found


@pytest.fixture
def readers(sharing: Board) -> list[Person]:
    return [sharing.service.world.person(sharing.tenant, Role.ICB_LEAD) for _ in range(3)]


def test_who_saw_us_is_told_by_the_trail_alone_and_equals_what_the_trust_is_shown(
    sharing: Board, neighbour: Board, readers: list[Person]
) -> None:
    everything, one_trust, nothing = readers
    for _ in range(2):
        sharing.acting(everything).get("/v1/shared-summaries")
    sharing.acting(one_trust).get(f"/v1/shared-summaries/{neighbour.org}")
    sharing.acting(nothing).get("/v1/shared-summaries/NOSUCH")

    for board, seen_by in ((sharing, {everything}), (neighbour, {everything, one_trust})):
        told = asked(board.service, WHO_SAW_US, board.org)
        assert set(told) == {reader.person_id for reader in seen_by}
        assert told == asked(board.service, LEDGER, board.org)


def test_a_list_leaves_one_line_an_organisation_whatever_it_shares_in_one_statement(
    sharing: Board, neighbour: Board, readers: list[Person]
) -> None:
    service, reader = sharing.service, readers[0]

    with service.counted_statements() as statements:
        sharing.acting(reader).get("/v1/shared-summaries")

    organisations = sorted([sharing.org, neighbour.org])
    assert lines_of(service, reader) == [("shared-summaries.read", "organisation", org) for org in organisations]
    assert len(statements) == 5  # principal, membership, summaries, readings, audit trail
    assert sum("audit_entry" in each for each in statements) == 1


def test_a_list_of_nothing_leaves_the_line_of_the_request(board: Board, icb_lead: Person) -> None:
    board.acting(icb_lead).get("/v1/shared-summaries")

    assert lines_of(board.service, icb_lead) == [("shared-summaries.read", None, None)]


def test_whoever_was_shown_the_newest_alone_has_looked_at_nothing_older(
    sharing: Board, neighbour: Board, readers: list[Person]
) -> None:
    everything = sharing.acting(readers[0]).get("/v1/shared-summaries").json["items"]
    theirs = [one for one in everything if one["org_id"] == neighbour.org]
    newest = max(theirs, key=lambda one: str(one["content"]["signed_off_at"]))

    shown = sharing.acting(readers[1]).get("/v1/shared-summaries?newest_alone=true").json["items"]

    assert len(theirs) == 2
    assert sorted(one["org_id"] for one in shown) == sorted([sharing.org, neighbour.org])
    assert newest in shown
    with psycopg.connect(sharing.service.superuser_url) as superuser:
        query = "select shared_view_id::text from assessment.shared_view_reading where person_id = %s"
        looked_at = {row[0] for row in superuser.execute(query, [readers[1].person_id])}
    assert looked_at == {one["sharing_id"] for one in shown}
