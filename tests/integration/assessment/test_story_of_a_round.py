"""The whole story with the real question set, as one trust plays it."""

import hashlib
import json

from services.assessment.queries.question_sets import get_question_set
from shared.contracts import event_types
from tests.integration.assessment.boards import Board, today


def test_a_board_goes_from_the_invitation_to_a_signed_result(board: Board) -> None:
    with board.service.unit_of_work(board.lead.principal()) as uow:
        question_set = get_question_set(uow, "trust-2026-1")
    round_id = board.open(question_set_id="trust-2026-1")
    for number, person in enumerate(board.members):
        for place, item_id in enumerate(question_set.items):
            board.answer(person, round_id, item_id, 2 + (number * place) % 3)
        board.do(person, round_id, "my-answers/finish")

    closed = board.close(round_id)
    close_items = board.discussion(round_id)["suggested_together"]
    together = board.do(board.lead, round_id, "agreements", {"item_ids": close_items})
    for item_id in question_set.items:
        if item_id not in together["agreed"]:
            board.record(round_id, item_id, 2, aim_level=4, differed="Two of us see it otherwise.")
    for practice_id in question_set.practices:
        path = f"/v1/rounds/{round_id}/practice-levels/{practice_id}"
        assert board.acting(board.lead).put(path, {"level": 2}).status_code == 200
    agreed = board.do(board.lead, round_id, "agree")
    signed = board.do(board.chair, round_id, "sign-off", {"meeting_on": today().isoformat(), "minute": "Item 7"})
    result = board.acting(board.members[0]).get(f"/v1/rounds/{round_id}/result").json

    assert len(question_set.items) == 22
    assert len(question_set.practices) == 5
    assert closed["respondents"] == {"invited": 6, "finished": 6} | {
        name: closed["respondents"][name] for name in ("not_finished", "people")
    }
    assert close_items
    assert together["agreed"] == close_items
    assert agreed["state"] == "agreed"
    assert signed["state"] == "signed_off"
    assert hashlib.sha256(result["canonical"].encode()).hexdigest() == result["sha256"] == signed["sha256"]
    assert json.loads(result["canonical"]) == result["result"]
    assert [row.type for row in board.service.events(key=round_id)] == [
        event_types.ROUND_OPENED,
        *[event_types.RESPONSE_COMPLETED] * 6,
        event_types.ROUND_CLOSED,
        event_types.ROUND_AGREED,
        event_types.RESULT_AGREED,
        event_types.ROUND_SIGN_OFF_REQUESTED,
        event_types.ROUND_SIGNED_OFF,
        event_types.RESULT_SIGNED_OFF,
    ]
