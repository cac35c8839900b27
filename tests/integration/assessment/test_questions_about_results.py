"""A board member asks about an item of the signed result; the lead answers; no word of it is in an event."""

from typing import Any

import pytest

from shared.contracts import event_types
from tests.integration.assessment.boards import Board, found_board


def ask(board: Board, round_id: str, *, item_id: str = "i1", question: str = "How do we know?") -> Any:
    path = f"/v1/rounds/{round_id}/items/{item_id}/questions"
    return board.acting(board.members[0]).post(path, {"question": question})


def test_the_lead_is_told_that_somebody_asked_and_not_what(board: Board) -> None:
    round_id = board.signed_round()

    answer = ask(board, round_id)

    (told,) = board.service.events(event_types.ITEM_ASKED_ABOUT, key=round_id)
    assert (answer.status_code, answer.json["items"][0]["question"]) == (201, "How do we know?")
    assert (told.data["item_id"], told.data["question_id"]) == ("i1", answer.json["items"][0]["id"])
    assert "know" not in str(told)


def test_whoever_asked_is_told_of_the_answer_and_the_board_reads_both(board: Board) -> None:
    round_id = board.signed_round()
    question_id = ask(board, round_id).json["items"][0]["id"]

    board.do(board.lead, round_id, f"questions/{question_id}/answer", {"text": "From the audit."})

    (told,) = board.service.events(event_types.ITEM_QUESTION_ANSWERED, key=round_id)
    (read,) = board.acting(board.chair).get(f"/v1/rounds/{round_id}/questions").json["items"]
    assert told.data["asked_by_id"] == board.members[0].person_id
    assert (read["answer"], read["answered_by"]) == ("From the audit.", board.lead.person_id)
    assert "audit" not in str(told)


def test_a_question_is_answered_once(board: Board) -> None:
    round_id = board.signed_round()
    question_id = ask(board, round_id).json["items"][0]["id"]
    path = f"/v1/rounds/{round_id}/questions/{question_id}/answer"
    board.acting(board.lead).post(path, {"text": "From the audit."})

    again = board.acting(board.lead).post(path, {"text": "Another answer."})

    assert (again.status_code, again.json["type"]) == (409, "/problems/not-possible-at-this-stage")


@pytest.mark.parametrize(("item_id", "question"), [("i1", " "), ("of-another-set", "How?"), ("i1", "x" * 5001)])
def test_a_question_that_does_not_fit_is_refused(board: Board, item_id: str, question: str) -> None:
    round_id = board.signed_round()

    assert ask(board, round_id, item_id=item_id, question=question).status_code == 422
    assert board.service.events(event_types.ITEM_ASKED_ABOUT, key=round_id) == []


def test_before_the_signature_there_is_no_result_to_ask_about(board: Board) -> None:
    assert ask(board, board.agreed_round()).status_code == 409


def test_another_organisation_finds_neither_question_nor_result(board: Board) -> None:
    round_id = board.signed_round()
    question_id = ask(board, round_id).json["items"][0]["id"]
    others = found_board(board.service, tenant=board.tenant)

    client = others.acting(others.lead)

    assert client.get(f"/v1/rounds/{round_id}/questions").status_code == 404
    assert client.post(f"/v1/rounds/{round_id}/questions/{question_id}/answer", {"text": "t"}).status_code == 404
    assert client.get(f"/v1/rounds/{round_id}/result/files/csv").status_code == 404
