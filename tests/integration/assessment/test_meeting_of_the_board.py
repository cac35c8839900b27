"""The meeting: items to come back to, ranges held back until then, and several people recording at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.assessment.boards import Board, found_board

STATEMENTS_OF_A_DISCUSSION = 3
"""Who asks, whether they may, and the round with all that the board has before it."""
STATEMENTS_OF_ONES_ANSWERS = 5
"""Who asks, whether they may, the round, whether they were asked, the answers."""


@pytest.fixture
def closed(board: Board) -> str:
    round_id = board.open()
    board.everybody_answers(round_id, {"i1": [1, 3, 3, 4, 4, 5]})
    board.close(round_id)
    return round_id


def aside(board: Board, round_id: str) -> set[str]:
    return {item["item_id"] for item in board.discussion(round_id)["items"] if item["parked"]}


def test_an_item_is_put_aside_and_taken_up_again(board: Board, closed: str) -> None:
    lead = board.acting(board.lead)

    put = lead.put(f"/v1/rounds/{closed}/come-back/i1", {})
    again = lead.put(f"/v1/rounds/{closed}/come-back/i1", {})
    put_aside = aside(board, closed)
    taken = lead.delete(f"/v1/rounds/{closed}/come-back/i1")

    assert (put.status_code, again.status_code, taken.status_code) == (200, 200, 200)
    assert put_aside == {"i1"}
    assert aside(board, closed) == set()


def test_what_is_agreed_needs_no_coming_back(board: Board, closed: str) -> None:
    for item in ("i1", "i2"):
        board.acting(board.lead).put(f"/v1/rounds/{closed}/come-back/{item}", {})

    board.record(closed, "i1", 3)
    board.do(board.lead, closed, "agreements", {"item_ids": ["i2"]})

    assert aside(board, closed) == set()


def test_an_item_of_another_version_cannot_be_put_aside(board: Board, closed: str) -> None:
    response = board.acting(board.lead).put(f"/v1/rounds/{closed}/come-back/i99", {})

    assert response.status_code == 422


def test_nothing_is_put_aside_while_people_answer(board: Board) -> None:
    response = board.acting(board.lead).put(f"/v1/rounds/{board.open()}/come-back/i1", {})

    assert response.status_code == 409


def test_ranges_held_back_are_seen_by_who_runs_the_round_until_the_meeting(board: Board) -> None:
    round_id = board.open(ranges_held_back=True)
    board.everybody_answers(round_id)
    board.close(round_id)

    before = [
        {item["range"]["shown"] for item in board.discussion(round_id, person)["items"]}
        for person in (board.lead, board.chair, board.chief, board.secretary, board.members[0])
    ]
    board.do(board.lead, round_id, "show-ranges")
    after = {item["range"]["shown"] for item in board.discussion(round_id, board.members[0])["items"]}

    assert before == [{True}, {False}, {False}, {False}, {False}]
    assert after == {True}


def test_texts_offered_to_the_discussion_wait_for_the_meeting_too(board: Board) -> None:
    round_id = board.open(ranges_held_back=True)
    board.answer(board.members[0], round_id, "i1", 3, why="We never asked the wards.", offered=True)
    board.close(round_id)

    held = board.discussion(round_id, board.chair)["items"][0]["offered"]
    board.do(board.lead, round_id, "show-ranges")

    assert held == []
    assert board.discussion(round_id, board.chair)["items"][0]["offered"] == [
        {"why": "We never asked the wards.", "evidence": ""}
    ]


def test_of_two_who_record_one_item_at_once_the_loser_gets_the_other_text(board: Board, closed: str) -> None:
    def record(words: str) -> tuple[int, str]:
        path = f"/v1/rounds/{closed}/agreements/i1"
        response = board.acting(board.lead).put(path, {"level": 2, "reason": words}, if_match=0)
        return response.status_code, (response.json.get("current") or response.json)["reason"]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(record, ["The wards told us.", "The survey told us."]))

    won = next(reason for status, reason in answers if status == 200)
    assert sorted(status for status, _ in answers) == [200, 412]
    assert [reason for status, reason in answers if status == 412] == [won]


def test_twenty_recorders_of_different_items_lose_nothing(service: ServiceUnderTest) -> None:
    board = found_board(service, members=5)
    round_id = board.open()
    board.everybody_answers(round_id)
    board.close(round_id)

    def record(number: int) -> int:
        item, version = f"i{1 + number % 3}", 0
        for _ in range(40):
            response = board.acting(board.lead).put(
                f"/v1/rounds/{round_id}/agreements/{item}", {"level": 3, "reason": f"{number}"}, if_match=version
            )
            if response.status_code == 200:
                return int(response.json["version"])
            version = response.json["current"]["version"]
        raise AssertionError("never recorded")

    with ThreadPoolExecutor(6) as pool:
        versions = list(pool.map(record, range(20)))

    stored = {item["item_id"]: item["agreement"]["version"] for item in board.discussion(round_id)["items"]}
    assert sum(stored.values()) == len(versions) == 20


def test_the_whole_discussion_takes_three_statements_however_many_items_there_are(board: Board, closed: str) -> None:
    client = board.acting(board.lead)
    client.get(f"/v1/rounds/{closed}/discussion")

    with board.service.counted_statements() as sql:
        response = client.get(f"/v1/rounds/{closed}/discussion")

    assert response.status_code == 200
    assert len(sql) == STATEMENTS_OF_A_DISCUSSION, sql


def test_all_of_ones_answers_take_five_statements(board: Board, closed: str) -> None:
    client = board.acting(board.members[0])
    client.get(f"/v1/rounds/{closed}/my-answers")

    with board.service.counted_statements() as sql:
        response = client.get(f"/v1/rounds/{closed}/my-answers")

    assert response.json["count"] == 3
    assert len(sql) == STATEMENTS_OF_ONES_ANSWERS, sql
