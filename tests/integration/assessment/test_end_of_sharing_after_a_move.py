"""What was shared until a day ends on it with the ICB that reads it, wherever the organisation belongs by then."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from shared.clock import FrozenClock, end_of_local_day
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.testing.world import Person
from tests.integration.assessment.boards import Board, in_days

SHARE = {"share_summary": True, "count_us": False, "progress_visible": True}
LAST_DAY = in_days(3)
OVER = FrozenClock(end_of_local_day(LAST_DAY))


def copies(board: Board) -> list[tuple[str, str]]:
    """Whom the database still holds a copy for: tenant of the row, and its reader."""
    with psycopg.connect(board.service.superuser_url) as connection:
        query = "select tenant_id, audience_tenant from assessment.shared_view where org_id = %s order by shared_at"
        return connection.execute(query, [board.org]).fetchall()


def move(board: Board) -> str:
    """The trust belongs to another ICB from yesterday on; return that."""
    to_tenant = board.service.world.tenant()
    days = {"effective_on": in_days(-1).isoformat()}
    moved = {"code": board.org, "from_tenant": board.tenant, "to_tenant": to_tenant, **days}
    board.service.deliver(event_types.ORGANISATION_MOVED, moved, org=board.org)
    return to_tenant


def chair_after(board: Board, tenant: str) -> Any:
    person = board.chair
    return board.acting(Person(person.person_id, tenant, person.org_id, person.roles))


@pytest.fixture
def shared(board: Board) -> str:
    """A signed result whose summary the ICB reads for three more days."""
    round_id = board.signed_round()
    board.do(board.chair, round_id, "sharing/decide", SHARE | {"valid_until": LAST_DAY.isoformat()})
    return round_id


def test_a_copy_that_the_old_icb_reads_is_deleted_on_its_last_day(board: Board, shared: str) -> None:
    to_tenant = move(board)
    before = copies(board)

    for _ in range(2):
        board.service.run_scheduler(OVER)

    (told,) = board.service.events(event_types.SHARING_STOPPED, key=shared)
    (listed,) = chair_after(board, to_tenant).get("/v1/sharing").json["items"]
    assert (before, copies(board)) == ([(board.tenant, board.tenant)], [])
    assert (told.data["stop_code"], told.data["audience_tenant"]) == ("expired", board.tenant)
    assert listed["stopped_at"] is not None


def test_it_is_deleted_too_when_something_else_is_shared_with_the_new_icb(board: Board, shared: str) -> None:
    to_tenant = move(board)
    chair = chair_after(board, to_tenant)
    version = chair.get(f"/v1/rounds/{shared}/sharing").json["version"]
    decided = chair.post(f"/v1/rounds/{shared}/sharing/decide", SHARE, if_match=version)
    before = copies(board)

    for _ in range(2):
        board.service.run_scheduler(OVER)

    (told,) = board.service.events(event_types.SHARING_STOPPED, key=shared)
    assert decided.status_code == 200, decided.json
    assert (before, copies(board)) == (
        [(board.tenant, board.tenant), (to_tenant, to_tenant)],
        [(to_tenant, to_tenant)],
    )
    assert (told.data["stop_code"], told.data["audience_tenant"]) == ("expired", board.tenant)


def test_the_old_icb_reads_it_until_its_last_day_is_over(board: Board, shared: str) -> None:
    move(board)
    reader = board.service.world.person(board.tenant, Role.ICB_LEAD)

    board.service.run_scheduler(FrozenClock(end_of_local_day(LAST_DAY - timedelta(days=1))))

    read = board.acting(reader).get("/v1/shared-summaries").json["items"]
    assert [one["round_id"] for one in read] == [shared]
