"""After a move to another ICB the organisation is still told who read its summary, and nobody else is."""

from typing import Any

from sqlalchemy import select

from services.assessment.models import shared_view_reading
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.principal import Principal
from shared.testing.world import Person
from tests.integration.assessment.boards import Board, found_board, in_days

SHARED = {"share_summary": True, "count_us": False, "progress_visible": True}


def share(board: Board, round_id: str, chair: Person) -> None:
    client, place = board.acting(chair), f"/v1/rounds/{round_id}/sharing"
    shown = client.get(place).json.get("version")
    assert client.post(f"{place}/decide", SHARED, if_match=shown).status_code == 200


def read(board: Board, reader: Person) -> None:
    assert board.acting(reader).get(f"/v1/shared-summaries/{board.org}").status_code == 200


def moved(board: Board, to_tenant: str) -> Person:
    """Move the trust and return its chair there."""
    move = {"code": board.org, "from_tenant": board.tenant, "to_tenant": to_tenant}
    board.service.deliver(
        event_types.ORGANISATION_MOVED, move | {"effective_on": in_days(-1).isoformat()}, org=board.org
    )
    return board.service.world.person(board.org, Role.CHAIR)


def readers(seen: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((one["audience_tenant"], one["person_id"]) for one in seen)


def test_who_read_before_and_after_the_move_is_told_and_the_new_icb_beside_them(board: Board) -> None:
    world, round_id = board.service.world, board.signed_round()
    share(board, round_id, board.chair)
    early, late = (world.person(board.tenant, Role.ICB_LEAD) for _ in range(2))
    read(board, early)
    new_tenant = world.tenant()

    chair = moved(board, new_tenant)
    client = board.acting(chair)
    after_the_move = readers(client.get(f"/v1/rounds/{round_id}/sharing").json["seen"])
    read(board, late)
    share(board, round_id, chair)
    newcomer = world.person(new_tenant, Role.ICB_LEAD)
    read(board, newcomer)

    old = [(board.tenant, early.person_id), (board.tenant, late.person_id)]
    everybody = sorted([*old, (new_tenant, newcomer.person_id)])
    assert after_the_move == old[:1]
    assert readers(client.get(f"/v1/rounds/{round_id}/sharing").json["seen"]) == everybody
    shared = client.get("/v1/sharing").json["items"]
    assert {item["shared_with"]: len(item["seen"]) for item in shared} == {board.tenant: 2, new_tenant: 1}


def test_nobody_else_reads_who_looked_before_or_after_a_move(board: Board) -> None:
    world = board.service.world
    share(board, board.signed_round(), board.chair)
    read(board, world.person(board.tenant, Role.ICB_LEAD))
    new_tenant = world.tenant()
    chair = moved(board, new_tenant)
    neighbours = [found_board(board.service, tenant=tenant) for tenant in (board.tenant, new_tenant)]

    def rows(principal: Principal) -> int:
        with board.service.unit_of_work(principal) as uow:
            return len(uow.session.execute(select(shared_view_reading)).all())

    others = [world.person(new_tenant, Role.ICB_LEAD), *(neighbour.chair for neighbour in neighbours)]
    others.append(world.national(Role.NATIONAL_ANALYST))
    assert rows(chair.principal()) == 1
    assert [rows(other.principal()) for other in others] == [0, 0, 0, 0]
