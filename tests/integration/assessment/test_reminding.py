"""Those who have not finished are reminded by hand, at most once a day, and nobody else learns who they are."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from services.assessment.models import round_
from shared.clock import FrozenClock, end_of_local_day
from shared.contracts import event_types
from tests.integration.assessment.boards import Board, in_days


def finish(board: Board, round_id: str, many: int) -> None:
    for person in board.members[:many]:
        board.answer(person, round_id, "i1", 3)
        board.do(person, round_id, "my-answers/finish")


def test_those_who_have_not_finished_are_named_for_a_reminder_and_the_day_is_kept(board: Board) -> None:
    round_id = board.open()
    finish(board, round_id, 2)

    view = board.do(board.lead, round_id, "remind")

    (told,) = board.service.events(event_types.ROUND_REMINDED, key=round_id)
    assert told.data["not_finished_ids"] == sorted(person.person_id for person in board.members[2:])
    assert (told.data["days_left"], told.data["finished"], told.actor) == (7, 2, board.lead.person_id)
    assert view["reminded_on"] is not None


def test_a_second_reminder_on_the_same_day_is_refused_and_sends_nothing(board: Board) -> None:
    round_id = board.open()
    board.do(board.lead, round_id, "remind")

    again = board.acting(board.secretary).post(f"/v1/rounds/{round_id}/remind")

    assert (again.status_code, "tomorrow" in again.json["detail"]) == (409, True)
    assert len(board.service.events(event_types.ROUND_REMINDED, key=round_id)) == 1


def test_nobody_is_reminded_once_all_have_finished_or_answering_closed(board: Board) -> None:
    round_id = board.open()
    finish(board, round_id, len(board.members))
    all_finished = board.acting(board.lead).post(f"/v1/rounds/{round_id}/remind")
    board.close(round_id)
    closed = board.acting(board.lead).post(f"/v1/rounds/{round_id}/remind")

    assert (all_finished.status_code, closed.status_code) == (409, 409)
    assert "nobody to remind" in all_finished.json["detail"]
    assert board.service.events(event_types.ROUND_REMINDED, key=round_id) == []


def test_the_reminder_that_comes_by_itself_does_not_follow_one_by_hand_on_the_same_day(board: Board) -> None:
    round_id = board.open()
    shortly_before = FrozenClock(end_of_local_day(in_days(4)) - timedelta(hours=1))
    with board.service.unit_of_work(board.lead.principal()) as uow:
        uow.session.execute(update(round_).values(reminded_on=in_days(4)).where(round_.c.id == UUID(round_id)))
        uow.commit()

    board.service.run_scheduler(shortly_before)

    assert board.service.events(event_types.ROUND_CLOSES_SOON, key=round_id) == []


@pytest.mark.parametrize("who", ["chair", "chief"])
def test_reminding_is_for_those_who_organise(board: Board, who: str) -> None:
    round_id = board.open()

    refused = board.acting(getattr(board, who)).post(f"/v1/rounds/{round_id}/remind")

    assert refused.status_code == 403
    assert board.service.events(event_types.ROUND_REMINDED, key=round_id) == []
