"""A save and the closing of answering never slip past each other."""

import threading
from uuid import UUID

import pytest

from services.assessment.commands.answers import save_answer
from services.assessment.commands.rounds import close
from services.assessment.domain.errors import NotPossibleNow
from tests.integration.assessment.boards import Board

LONG_ENOUGH_TO_WAIT = 0.4


def test_closing_waits_for_a_save_in_flight_and_counts_it(board: Board) -> None:
    round_id = board.open()
    for person in board.members[:5]:
        board.answer(person, round_id, "i1", 3)
    late = board.members[5]
    board.answer(late, round_id, "i2", 3)
    board.all_finish(round_id)

    with board.service.unit_of_work(late.principal()) as saving:
        save_answer(saving, UUID(round_id), "i1", 0, level=5, cannot_judge=False)
        closing = threading.Thread(target=board.close, args=[round_id])
        closing.start()
        closing.join(LONG_ENOUGH_TO_WAIT)
        waited = closing.is_alive()
        saving.commit()
    closing.join()

    assert waited
    assert board.ranges(round_id)["i1"]["counts"] == {"1": 0, "2": 0, "3": 5, "4": 0, "5": 1}


def test_a_save_that_waited_for_the_closing_is_refused(board: Board) -> None:
    round_id = board.open()
    refusals: list[type[Exception]] = []

    def save() -> None:
        with board.service.unit_of_work(board.members[0].principal()) as uow, pytest.raises(NotPossibleNow) as refusal:
            save_answer(uow, UUID(round_id), "i1", 0, level=5, cannot_judge=False)
        refusals.append(refusal.type)

    with board.service.unit_of_work(board.lead.principal()) as uow:
        close(uow, UUID(round_id))
        saving = threading.Thread(target=save)
        saving.start()
        saving.join(LONG_ENOUGH_TO_WAIT)
        waited = saving.is_alive()
        uow.commit()
    saving.join()

    assert waited
    assert refusals == [NotPossibleNow]
    assert board.acting(board.members[0]).get(f"/v1/rounds/{round_id}/my-answers").json["items"] == []


def test_people_who_save_at_once_do_not_wait_for_each_other(board: Board) -> None:
    round_id = board.open()

    with board.service.unit_of_work(board.members[0].principal()) as first:
        save_answer(first, UUID(round_id), "i1", 0, level=5, cannot_judge=False)
        board.answer(board.members[1], round_id, "i1", 4)
        first.commit()

    assert board.acting(board.members[0]).get(f"/v1/rounds/{round_id}/my-answers").json["count"] == 1
