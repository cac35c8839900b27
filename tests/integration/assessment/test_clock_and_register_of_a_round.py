"""What happens to a round by itself: its day is over, a member leaves, the organisation moves to another ICB."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.clock import FrozenClock, end_of_local_day
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.testing.world import Person
from tests.integration.assessment.boards import Board, in_days, leave, today


def state(board: Board, round_id: str) -> str:
    return str(board.acting(board.lead).get(f"/v1/rounds/{round_id}").json["state"])


def test_answering_closes_when_the_closing_day_is_over_in_england(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id)
    over = end_of_local_day(in_days(7))

    board.service.run_scheduler(FrozenClock(over - timedelta(seconds=1)))
    before = state(board, round_id)
    board.service.run_scheduler(FrozenClock(over))

    (closed,) = board.service.events(event_types.ROUND_CLOSED, key=round_id)
    assert (before, state(board, round_id)) == ("open", "closed")
    assert (closed.actor, closed.data["ranges_shown"]) == (None, True)
    assert board.ranges(round_id)["i1"]["shown"] is True


def test_an_extended_round_closes_on_its_new_day(board: Board) -> None:
    round_id = board.open()
    board.do(board.lead, round_id, "extend", {"closes_on": in_days(10).isoformat()})

    board.service.run_scheduler(FrozenClock(end_of_local_day(in_days(7))))
    after_the_old_day = state(board, round_id)
    board.service.run_scheduler(FrozenClock(end_of_local_day(in_days(10))))

    assert (after_the_old_day, state(board, round_id)) == ("open", "closed")


def test_a_round_closed_by_hand_is_left_alone_by_the_clock(board: Board) -> None:
    round_id = board.open()
    board.close(round_id)

    board.service.run_scheduler(FrozenClock(end_of_local_day(in_days(8))))

    assert len(board.service.events(event_types.ROUND_CLOSED, key=round_id)) == 1


def test_three_days_before_the_end_those_who_have_not_finished_are_named_for_a_reminder(board: Board) -> None:
    round_id = board.open()
    board.answer(board.members[0], round_id, "i1", 3)
    board.do(board.members[0], round_id, "my-answers/finish")

    board.service.run_scheduler(FrozenClock(end_of_local_day(in_days(4)) - timedelta(hours=1)))
    board.service.run_scheduler(FrozenClock(end_of_local_day(in_days(4)) - timedelta(minutes=30)))

    (told,) = board.service.events(event_types.ROUND_CLOSES_SOON, key=round_id)
    assert (told.data["days_left"], told.data["finished"], told.actor) == (3, 1, None)
    assert told.data["not_finished_ids"] == sorted(person.person_id for person in board.members[1:])


def test_a_round_that_closes_tomorrow_has_no_reminder_three_days_before(board: Board) -> None:
    round_id = board.open(closes_on=in_days(1).isoformat())

    board.service.run_scheduler(FrozenClock(end_of_local_day(today()) - timedelta(seconds=1)))

    assert board.service.events(event_types.ROUND_CLOSES_SOON, key=round_id) == []


def test_reopened_after_its_day_a_round_needs_a_new_day(board: Board) -> None:
    round_id = board.open(closes_on=today().isoformat(), discussion_on=None)
    board.close(round_id)
    later = board.acting(board.lead)

    without_day = later.post(f"/v1/rounds/{round_id}/reopen", {"reason": ""})
    view = board.do(board.lead, round_id, "reopen", {"reason": "Two were away.", "closes_on": in_days(3).isoformat()})

    assert without_day.status_code == 422
    assert (view["state"], view["closes_on"], view["reopen_reason"]) == (
        "open",
        in_days(3).isoformat(),
        "Two were away.",
    )
    board.service.run_scheduler(FrozenClock(end_of_local_day(in_days(3))))
    assert state(board, round_id) == "closed"


def test_a_leaver_is_no_longer_asked(board: Board) -> None:
    round_id = board.open()
    leaver = board.members[0]

    leave(board, leaver, Role.BOARD_MEMBER)
    leave(board, leaver, Role.BOARD_MEMBER)

    (told,) = board.service.events(event_types.ROUND_CHANGED, key=round_id)
    assert (told.data["removed_ids"], told.data["invited"], told.actor) == ([leaver.person_id], 5, None)


def test_who_loses_one_of_two_roles_stays_asked(board: Board) -> None:
    both = board.service.world.person(board.org, Role.BOARD_MEMBER, Role.CHAIR)
    round_id = board.open([*board.members, both])

    leave(board, both, Role.CHAIR)

    assert board.service.events(event_types.ROUND_CHANGED, key=round_id) == []


def test_who_keeps_only_a_role_that_does_not_answer_is_no_longer_asked(board: Board) -> None:
    both = board.service.world.person(board.org, Role.BOARD_MEMBER, Role.ACTION_OWNER)
    round_id = board.open([*board.members, both])

    leave(board, both, Role.BOARD_MEMBER)

    (told,) = board.service.events(event_types.ROUND_CHANGED, key=round_id)
    assert told.data["removed_ids"] == [both.person_id]


def test_a_closed_round_keeps_its_leavers(board: Board) -> None:
    round_id = board.open()
    board.close(round_id)

    leave(board, board.members[0], Role.BOARD_MEMBER)

    assert board.service.events(event_types.ROUND_CHANGED, key=round_id) == []


@pytest.fixture
def moved(board: Board) -> tuple[Board, str, str]:
    """A trust that shared a signed result, has a round in answering, and moved to another ICB."""
    first = board.signed_round()
    board.do(
        board.chair,
        first,
        "sharing/decide",
        {"share_summary": True, "count_us": True, "progress_visible": False},
    )
    second = board.open(name="Autumn 2026")
    board.answer(board.members[0], second, "i1", 4, why="Private words", offered=True)
    board.all_finish(second, board.members[:1])
    new_tenant = board.service.world.tenant()
    board.service.deliver(
        event_types.ORGANISATION_MOVED,
        {
            "code": board.org,
            "from_tenant": board.tenant,
            "to_tenant": new_tenant,
            "effective_on": in_days(-1).isoformat(),
        },
        org=board.org,
    )
    return board, first, second


def after_the_move(board: Board, person: Person) -> Person:
    tenant = board.service.world.tenants[-1]
    return Person(person.person_id, tenant, person.org_id, person.roles)


def test_a_move_takes_every_row_along_the_private_answers_too(moved: tuple[Board, str, str]) -> None:
    board, first, second = moved
    author, lead = after_the_move(board, board.members[0]), after_the_move(board, board.lead)

    answers = board.acting(author).get(f"/v1/rounds/{second}/my-answers").json["items"]
    result = board.acting(lead).get(f"/v1/rounds/{first}/result").json

    assert [row["why"] for row in answers] == ["Private words"]
    assert result["result"]["round"]["org_id"] == board.org
    assert board.acting(lead).get("/v1/sharing").json["progress_visible"] is False
    with board.service.unit_of_work(board.lead.principal()) as uow:
        for table in ("round", "respondent", "answer_box", "agreement", "signed_result", "item_range", "closing"):
            assert uow.session.execute(text(f"select count(*) from {table}")).scalar_one() == 0, table


def test_after_a_move_the_old_icb_keeps_what_it_was_shown_and_the_new_one_sees_nothing_older(
    moved: tuple[Board, str, str],
) -> None:
    board, _, _ = moved
    old = board.service.world.person(board.tenant, Role.ICB_LEAD)
    new = board.service.world.person(board.service.world.tenants[-1], Role.ICB_LEAD)

    assert len(board.acting(old).get("/v1/shared-summaries").json["items"]) == 1
    assert board.acting(new).get("/v1/shared-summaries").json["items"] == []


def test_what_was_shared_with_an_icb_that_was_left_cannot_be_stopped_any_more(moved: tuple[Board, str, str]) -> None:
    board, _, _ = moved
    chair = board.acting(after_the_move(board, board.chair))
    (summary,) = [item for item in chair.get("/v1/sharing").json["items"] if item["what"] == "practice_summary"]

    response = chair.post(f"/v1/sharing/{summary['id']}/stop")

    assert response.status_code == 409
    assert "ICB you have left" in response.json["detail"]


def test_after_a_move_the_chair_shares_with_the_new_icb_and_the_old_one_keeps_what_it_was_shown(
    moved: tuple[Board, str, str],
) -> None:
    board, first, _ = moved
    chair = board.acting(after_the_move(board, board.chair))
    leads = [board.service.world.person(icb, Role.ICB_LEAD) for icb in (board.tenant, board.service.world.tenants[-1])]
    wanted = {"share_summary": True, "count_us": False, "progress_visible": False}

    for share in (True, False, True):
        place = f"/v1/rounds/{first}/sharing"
        shown = chair.get(place).json["version"]
        decided = chair.post(f"{place}/decide", wanted | {"share_summary": share}, if_match=shown)
        assert decided.status_code == 200, decided.json

    read = [board.acting(lead).get("/v1/shared-summaries").json["items"] for lead in leads]
    assert [len(items) for items in read] == [1, 1]
    assert read[0][0]["sharing_id"] != read[1][0]["sharing_id"]


def test_a_round_in_answering_goes_on_after_a_move(moved: tuple[Board, str, str]) -> None:
    board, _, second = moved
    for member in board.members[1:]:
        client = board.acting(after_the_move(board, member))
        path = f"/v1/rounds/{second}/my-answers/i1"
        assert client.put(path, {"level": 4, "cannot_judge": False}, if_match=0).status_code == 200
        assert client.post(f"/v1/rounds/{second}/my-answers/finish").status_code == 200

    board.service.run_scheduler(FrozenClock(end_of_local_day(in_days(7))))

    view = board.acting(after_the_move(board, board.lead)).get(f"/v1/rounds/{second}/discussion").json
    assert view["items"][0]["range"]["counts"]["4"] == 6
    assert view["items"][0]["offered"] == [{"why": "Private words", "evidence": ""}]
