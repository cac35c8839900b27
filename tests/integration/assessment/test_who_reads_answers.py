"""The author alone: tried as every role of the database, and as everybody the product knows."""

import psycopg
import pytest

from shared.contracts.roles import Role
from shared.principal import NATIONAL_TENANT, Principal, Scope
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.assessment.boards import Board, found_board
from tests.integration.assessment.test_private_answers import visible

SETTINGS = "select set_config('app.tenant_id', %s, true), set_config('app.org_id', %s, true),"
SETTINGS += " set_config('app.person_id', %s, true), set_config('app.scope', %s, true)"
READ = "select count(*) from assessment.answer where round_id = %s"


def roles_of(service: ServiceUnderTest) -> dict[str, bool]:
    """Every role of the database but its superusers, and whether it bypasses row security."""
    with psycopg.connect(service.superuser_url) as connection:
        rows = connection.execute(
            "select rolname, rolbypassrls from pg_roles where not rolsuper and rolname not like 'pg\\_%'"
        ).fetchall()
    return {str(name): bool(bypasses) for name, bypasses in rows}


def seen_as(service: ServiceUnderTest, role: str, principal: Principal, round_id: str) -> int:
    """How many answers a database role sees for a principal; none where it may not even ask."""
    with psycopg.connect(service.superuser_url) as connection:
        connection.execute(f'set role "{role}"'.encode())
        named = (principal.tenant_id, principal.org_id, principal.person_id or "", principal.scope.value)
        connection.execute(SETTINGS.encode(), named)
        try:
            row = connection.execute(READ.encode(), [round_id]).fetchone()
        except psycopg.errors.InsufficientPrivilege:
            return 0
    return int(row[0]) if row else 0


def test_no_role_of_the_database_sees_an_answer_for_anybody_but_its_author(board: Board) -> None:
    """Two roles stand apart: backups, which nobody acts as, and the counting function's, which cannot sign in."""
    round_id = board.open()
    board.answer(board.members[0], round_id, "i1", 4)
    roles = roles_of(board.service)
    others = [board.lead, board.chair, board.secretary, board.members[1]]

    seen = {
        role
        for role in roles
        for person in others
        if role not in {"range_reader"} and not roles[role]
        if seen_as(board.service, role, person.principal(), round_id)
    }

    assert seen == set()
    assert sum(roles.values()) == 1
    assert seen_as(board.service, "app_assessment", board.members[0].principal(), round_id) == 1


@pytest.mark.parametrize("role", list(Role))
def test_whatever_somebody_is_they_do_not_see_the_answer_of_another(board: Board, role: Role) -> None:
    round_id = board.open()
    board.answer(board.members[0], round_id, "i1", 4)
    stranger = board.members[1].person_id

    for scope in Scope:
        for tenant, org in ((board.tenant, board.org), (NATIONAL_TENANT, NATIONAL_TENANT)):
            principal = Principal(stranger, tenant, org, frozenset({role.value}), scope)
            assert visible(board.service, principal) == 0


def test_the_routes_show_nobody_the_answers_of_another(service: ServiceUnderTest) -> None:
    board = found_board(service)
    round_id = board.open([*board.members, board.chair, board.chief])
    board.answer(board.members[0], round_id, "i1", 5, why="A word that only I know: albatross.")

    for person in (board.lead, board.chair, board.chief, board.secretary, board.members[1]):
        client = board.acting(person)
        for path in ("", "/my-answers", "/discussion"):
            response = client.get(f"/v1/rounds/{round_id}{path}")
            assert "albatross" not in response.get_data(as_text=True)
            assert '"level": 5' not in response.get_data(as_text=True)
