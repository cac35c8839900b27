"""A private answer is its author's alone: whatever the role, the scope or the query."""

import threading

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.principal import Principal, Scope
from shared.tenancy import OWN_WORK
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.assessment.boards import SMALL_ITEMS, Board, found_board

COUNT = text("select count(*) from answer")
OF_ROUND = text("select count(*) from answer where round_id = :round_id")
STATEMENTS_OF_A_SAVE = 5
"""Who asks, whether they may, how the round stands, the write, the audit row."""


def visible(service: ServiceUnderTest, principal: Principal) -> int:
    with service.unit_of_work(principal) as uow:
        return int(uow.session.execute(COUNT).scalar_one())


def stored(service: ServiceUnderTest, round_id: str) -> int:
    """Answers that exist, as only the superuser can count them."""
    with psycopg.connect(service.superuser_url) as connection:
        row = connection.execute("select count(*) from assessment.answer where round_id = %s", [round_id]).fetchone()
    assert row is not None
    return int(row[0])


def test_the_author_sees_their_own_answer(board: Board) -> None:
    round_id = board.open()
    author = board.members[0]
    board.answer(author, round_id, "i1", 4, why="The visits.", evidence="Three papers.")

    seen = board.acting(author).get(f"/v1/rounds/{round_id}/my-answers").json

    assert [(row["item_id"], row["level"], row["why"], row["version"]) for row in seen["items"]] == [
        ("i1", 4, "The visits.", 1)
    ]


@pytest.mark.parametrize("scope", list(Scope))
def test_no_scope_and_no_role_sees_the_answer_of_another(board: Board, scope: Scope) -> None:
    round_id = board.open()
    board.answer(board.members[0], round_id, "i1", 4)
    everybody = frozenset(role.value for role in Role)

    for person_id in (board.lead.person_id, board.chair.person_id, board.members[1].person_id, None):
        assert visible(board.service, Principal(person_id, board.tenant, board.org, everybody, scope)) == 0
    assert stored(board.service, round_id) == 1


def test_the_author_acting_for_another_organisation_sees_nothing(board: Board) -> None:
    other = found_board(board.service, tenant=board.tenant)
    round_id = board.open()
    author = board.members[0]
    board.answer(author, round_id, "i1", 4)

    assert visible(board.service, author.principal()) == 1
    assert visible(board.service, Principal(author.person_id, board.tenant, other.org)) == 0
    assert visible(board.service, Principal(author.person_id, other.tenant + "X", board.org)) == 0


def test_the_raw_application_role_without_a_principal_sees_nothing(board: Board) -> None:
    round_id = board.open()
    board.answer(board.members[0], round_id, "i1", 4)

    with board.service.database.engine.connect() as connection:
        assert connection.execute(OF_ROUND, {"round_id": round_id}).scalar_one() == 0


def test_nobody_writes_an_answer_for_another(board: Board) -> None:
    round_id = board.open()
    author = board.members[0]
    board.answer(author, round_id, "i1", 4)
    change = text("update answer set level = 1 where round_id = :round_id")
    remove = text("delete from answer where round_id = :round_id")
    forge = text(
        "insert into answer (tenant_id, org_id, round_id, person_id, item_id, level, cannot_judge, why, evidence,"
        " offered, version, saved_at, saved_in, counted_cannot_judge)"
        " values (:tenant, :org, :round_id, :person, 'i2', 1, false, '', '', false, 1, now(), 0, false)"
    )

    with board.service.unit_of_work(board.lead.principal()) as uow:
        assert uow.session.execute(change, {"round_id": round_id}).rowcount == 0  # type: ignore[attr-defined]
        assert uow.session.execute(remove, {"round_id": round_id}).rowcount == 0  # type: ignore[attr-defined]
        with pytest.raises(ProgrammingError, match="row-level security"):
            uow.session.execute(
                forge,
                {"tenant": board.tenant, "org": board.org, "round_id": round_id, "person": author.person_id},
            )
    assert board.acting(author).get(f"/v1/rounds/{round_id}/my-answers").json["items"][0]["level"] == 4


def test_saving_tells_nobody(board: Board) -> None:
    round_id = board.open()

    board.answer(board.members[0], round_id, "i1", 4)

    assert [row.type for row in board.service.events(key=round_id)] == [event_types.ROUND_OPENED]


def test_the_audit_row_of_a_save_is_the_authors_alone_and_names_no_item(board: Board) -> None:
    round_id = board.open()
    author = board.members[0]
    manager = board.service.world.person(board.org, Role.ACCESS_MANAGER)
    board.answer(author, round_id, "i1", 4, why="CANARY")

    own = board.acting(author).get("/v1/audit").json["items"]
    others = board.acting(manager).get("/v1/audit").json["items"]

    (saved,) = [row for row in own if row["action"] == "answer.saved"]
    assert (saved["object_type"], saved["object_id"]) == ("round", round_id)
    assert "i1" not in str(saved)
    assert "CANARY" not in str(saved)
    assert not [row for row in others if row["action"].startswith("answer")]
    assert [row["action"] for row in others if row["action"] == "round.opened"] == ["round.opened"]


def test_having_finished_is_told_as_a_count_without_an_actor(board: Board) -> None:
    round_id = board.open()
    author = board.members[0]
    board.answer(author, round_id, "i1", 4)

    board.do(author, round_id, "my-answers/finish")
    board.do(author, round_id, "my-answers/finish")

    (told,) = board.service.events(event_types.RESPONSE_COMPLETED, key=round_id)
    assert told.actor is None
    assert told.data == {"round_id": round_id, "invited": 6, "finished": 1}
    assert author.person_id not in str(told)


def test_taking_it_back_lowers_the_count(board: Board) -> None:
    round_id = board.open()
    author = board.members[0]
    board.answer(author, round_id, "i1", 4)
    board.do(author, round_id, "my-answers/finish")

    board.do(author, round_id, "my-answers/unfinish")

    assert [row.data["finished"] for row in board.service.events(event_types.RESPONSE_COMPLETED, key=round_id)] == [
        1,
        0,
    ]


def test_the_names_of_those_who_have_not_finished_are_for_the_lead(board: Board) -> None:
    round_id = board.open()
    board.answer(board.members[0], round_id, "i1", 4)
    board.do(board.members[0], round_id, "my-answers/finish")

    for_lead = board.acting(board.lead).get(f"/v1/rounds/{round_id}").json["respondents"]
    for_secretary = board.acting(board.secretary).get(f"/v1/rounds/{round_id}").json["respondents"]
    for_chair = board.acting(board.chair).get(f"/v1/rounds/{round_id}").json["respondents"]

    assert set(for_lead["not_finished"]) == {person.person_id for person in board.members[1:]}
    assert (len(for_secretary["people"]), for_secretary["not_finished"]) == (6, None)
    assert (for_chair["finished"], for_chair["not_finished"], for_chair["people"]) == (1, None, None)


def test_answers_are_destroyed_when_the_next_round_of_their_kind_opens_and_ranges_stay(board: Board) -> None:
    first = board.signed_round()
    before = board.ranges(first)
    assert stored(board.service, first) == len(SMALL_ITEMS) * len(board.members)

    board.open(name="Autumn 2026")

    assert stored(board.service, first) == 0
    assert board.acting(board.members[0]).get(f"/v1/rounds/{first}/my-answers").json["items"] == []
    assert board.ranges(first) == before


def test_a_draft_destroys_nothing(board: Board) -> None:
    first = board.signed_round()

    board.open(name="Autumn 2026", draft=True)

    assert stored(board.service, first) == len(SMALL_ITEMS) * len(board.members)


def test_the_answers_of_another_organisation_survive(board: Board) -> None:
    other = found_board(board.service, tenant=board.tenant)
    theirs = other.signed_round()

    board.open()

    assert stored(board.service, theirs) == len(SMALL_ITEMS) * len(other.members)


def test_a_save_takes_five_statements(board: Board) -> None:
    round_id = board.open()
    board.answer(board.members[0], round_id, "i1", 4)
    client = board.acting(board.members[0])
    path = f"/v1/rounds/{round_id}/my-answers/i1"

    with board.service.counted_statements() as sql:
        response = client.put(path, {"level": 5, "cannot_judge": False}, if_match=1)

    assert response.status_code == 200
    assert len(sql) == STATEMENTS_OF_A_SAVE, sql


def test_the_application_role_can_neither_write_ranges_nor_change_a_signed_result(board: Board) -> None:
    board.signed_round()

    for statement in (
        "update item_range set shown = true",
        "insert into closing select * from closing",
        "delete from closing",
        "update signed_result set sha256 = 'x'",
        "delete from signed_result",
    ):
        with board.service.unit_of_work(board.lead.principal()) as uow, pytest.raises(DBAPIError, match="denied"):
            uow.session.execute(text(statement))


def test_views_cannot_be_counted_for_another_organisation_or_twice_around_one_change(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id)
    stranger = found_board(board.service, tenant=board.tenant)
    count = text("select count_views(:round_id)")

    with board.service.unit_of_work(stranger.lead.principal()) as uow, pytest.raises(DBAPIError, match="No such round"):
        uow.session.execute(count, {"round_id": round_id})
    with board.service.unit_of_work(board.lead.principal()) as uow:
        uow.session.execute(count, {"round_id": round_id})
        uow.commit()
    board.answer(board.members[0], round_id, "i1", 5, version=1)
    with board.service.unit_of_work(board.lead.principal()) as uow:
        uow.session.execute(count, {"round_id": round_id})
        counts = text("select level_counts from item_range where round_id = :round_id and item_id = 'i1'")
        assert uow.session.execute(counts, {"round_id": round_id}).scalar_one() == [0, 0, 6, 0, 0]


def test_nobody_can_sign_in_as_the_range_reader(service: ServiceUnderTest) -> None:
    with psycopg.connect(service.superuser_url) as connection:
        row = connection.execute(
            "select rolcanlogin, rolsuper, rolbypassrls from pg_roles where rolname = 'range_reader'"
        ).fetchone()
        owner = connection.execute(
            "select pg_get_userbyid(proowner), prosecdef, proconfig from pg_proc where proname = 'count_views'"
        ).fetchone()
        words = connection.execute(
            "select has_column_privilege('range_reader', 'assessment.answer', 'why', 'select'),"
            " has_column_privilege('range_reader', 'assessment.answer', 'level', 'select')"
        ).fetchone()

    assert row == (False, False, False)
    assert owner == ("range_reader", True, ["search_path=assessment, pg_temp"])
    assert words == (False, True)


def test_two_devices_of_one_person_never_overwrite_each_other_silently(board: Board) -> None:
    round_id = board.open()
    author = board.members[0]
    board.answer(author, round_id, "i1", 4, why="From the laptop")
    path = f"/v1/rounds/{round_id}/my-answers/i1"

    late = board.acting(author).put(path, {"level": 2, "cannot_judge": False, "why": "From the phone"}, if_match=0)

    assert late.status_code == 412
    assert late.json["type"] == "/problems/stale-version"
    assert (late.json["current"]["why"], late.json["current"]["version"]) == ("From the laptop", 1)


def test_a_save_without_a_version_is_refused(board: Board) -> None:
    round_id = board.open()

    response = board.acting(board.members[0]).put(
        f"/v1/rounds/{round_id}/my-answers/i1", {"level": 2, "cannot_judge": False}
    )

    assert response.status_code == 428


def test_two_devices_that_write_at_once_lose_no_word(board: Board) -> None:
    round_id = board.open()
    author = board.members[0]
    path = f"/v1/rounds/{round_id}/my-answers"
    board.answer(author, round_id, "i1", 3, why="start")

    def append(name: str) -> None:
        client = board.acting(author)
        for number in range(5):
            status = 0
            while status != 200:
                current = client.get(path).json["items"][0]
                body = {"level": 3, "cannot_judge": False, "why": f"{current['why']} {name}{number}"}
                status = client.put(f"{path}/i1", body, if_match=current["version"]).status_code

    devices = [threading.Thread(target=append, args=[name]) for name in ("laptop", "phone")]
    for device in devices:
        device.start()
    for device in devices:
        device.join()

    words = board.acting(author).get(path).json["items"][0]["why"].split()
    assert sorted(words) == sorted(["start", *(f"{name}{n}" for name in ("laptop", "phone") for n in range(5))])


def test_a_policy_as_wide_as_the_organisations_work_would_show_the_lead_every_answer(board: Board) -> None:
    """The proof that the tests above can fail: with a wider policy the lead sees rows. Rolled back at the end."""
    round_id = board.open()
    board.everybody_answers(round_id)
    settings = {"tenant_id": board.tenant, "org_id": board.org, "person_id": board.lead.person_id, "scope": "org"}

    with psycopg.connect(board.service.superuser_url) as connection:
        connection.execute("set search_path to assessment")
        connection.execute("drop policy answer_select on answer")
        connection.execute(f"create policy answer_select on answer for select to app_assessment using ({OWN_WORK})")
        connection.execute("set local role app_assessment")
        for name, value in settings.items():
            connection.execute("select set_config(%s, %s, true)", [f"app.{name}", value])
        seen = connection.execute("select count(*) from answer").fetchone()
        connection.rollback()

    assert seen == (len(SMALL_ITEMS) * len(board.members),)
    assert visible(board.service, board.lead.principal()) == 0
