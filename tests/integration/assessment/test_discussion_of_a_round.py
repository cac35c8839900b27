"""What the board agrees, and what two people recording at once see of each other."""

import threading
from typing import Any

import pytest

from shared.contracts import event_types
from tests.integration.assessment.boards import SMALL_ITEMS, SMALL_PRACTICES, Board, found_board


@pytest.fixture
def discussed(board: Board) -> tuple[Board, str]:
    """A closed round: i1 wide, i2 within one level, i3 all alike."""
    round_id = board.open()
    board.everybody_answers(round_id, {"i1": [1, 2, 3, 3, 3, 5], "i2": [2, 2, 2, 3, 3, None], "i3": [4] * 6})
    board.close(round_id)
    return board, round_id


def test_the_widest_items_come_first_and_the_close_ones_can_be_agreed_together(discussed: tuple[Board, str]) -> None:
    board, round_id = discussed

    view = board.discussion(round_id)

    assert view["widest_first"][0] == "i1"
    assert view["suggested_together"] == ["i2", "i3"]


def test_close_items_are_agreed_at_the_commonest_level(discussed: tuple[Board, str]) -> None:
    board, round_id = discussed
    board.record(round_id, "i3", 5)

    answer = board.do(board.lead, round_id, "agreements", {"item_ids": ["i2", "i3"]})

    agreed = {item["item_id"]: item["agreement"] for item in board.discussion(round_id)["items"]}
    assert answer == {"agreed": ["i2"], "agreed_before": ["i3"]}
    assert (agreed["i2"]["level"], agreed["i3"]["level"], agreed["i1"]) == (2, 5, None)
    assert agreed["i2"]["recorded_by"] == board.lead.person_id


@pytest.mark.parametrize("item_ids", [["i1"], ["i9"], []])
def test_wide_unknown_or_no_items_cannot_be_agreed_together(discussed: tuple[Board, str], item_ids: list[str]) -> None:
    board, round_id = discussed

    response = board.acting(board.lead).post(f"/v1/rounds/{round_id}/agreements", {"item_ids": item_ids})

    assert response.status_code == 422


def test_a_level_that_is_not_the_commonest_needs_its_reason(discussed: tuple[Board, str]) -> None:
    board, round_id = discussed
    client = board.acting(board.lead)
    path = f"/v1/rounds/{round_id}/agreements/i1"

    without = client.put(path, {"level": 2}, if_match=0)
    commonest = client.put(path, {"level": 3}, if_match=0)
    with_reason = client.put(path, {"level": 2, "reason": "The visits stopped."}, if_match=1)

    assert (without.status_code, without.json["errors"][0]["field"]) == (422, "reason")
    assert (commonest.status_code, with_reason.status_code) == (200, 200)
    assert with_reason.json["version"] == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"level": 6, "reason": "r"}, "level"),
        ({"level": 3, "aim_level": 2}, "aim_level"),
        ({"level": 3, "aim_level": 6}, "aim_level"),
        ({"level": 3, "differed": "x" * 5_001}, "differed"),
        ({}, "level"),
    ],
)
def test_a_wrong_agreement_is_refused_and_names_the_field(
    discussed: tuple[Board, str], body: dict[str, Any], field: str
) -> None:
    board, round_id = discussed

    response = board.acting(board.lead).put(f"/v1/rounds/{round_id}/agreements/i1", body, if_match=0)

    assert (response.status_code, response.json["errors"][0]["field"]) == (422, field)


def test_the_second_of_two_recorders_sees_the_text_of_the_first(discussed: tuple[Board, str]) -> None:
    board, round_id = discussed
    results: dict[str, Any] = {}
    start = threading.Barrier(2)

    def record(reason: str) -> None:
        client = board.acting(board.lead)
        start.wait()
        body = {"level": 3, "reason": reason}
        results[reason] = client.put(f"/v1/rounds/{round_id}/agreements/i1", body, if_match=0)

    threads = [threading.Thread(target=record, args=[reason]) for reason in ("first text", "second text")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    by_status = {response.status_code: (reason, response.json) for reason, response in results.items()}
    assert sorted(by_status) == [200, 412]
    assert by_status[412][1]["current"]["reason"] == by_status[200][0]
    assert board.discussion(round_id)["items"][0]["agreement"]["reason"] == by_status[200][0]


def test_twenty_saves_by_four_people_lose_nothing(board: Board) -> None:
    """Each reads, writes with the version it read, and tries again when somebody was faster (fault F23)."""
    round_id = board.open()
    board.close(round_id)
    board.record(round_id, "i1", 1, reason="start")

    def append(name: str) -> None:
        client = board.acting(board.lead)
        for number in range(5):
            while True:
                current = client.get(f"/v1/rounds/{round_id}/discussion").json["items"][0]["agreement"]
                body = {"level": 1, "reason": f"{current['reason']} {name}{number}"}
                path = f"/v1/rounds/{round_id}/agreements/i1"
                if client.put(path, body, if_match=current["version"]).status_code == 200:
                    break

    threads = [threading.Thread(target=append, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    words = board.discussion(round_id)["items"][0]["agreement"]["reason"].split()
    assert sorted(words) == sorted(["start", *(f"{name}{number}" for name in "abcd" for number in range(5))])


def test_the_overall_level_of_a_practice_is_agreed_never_computed(discussed: tuple[Board, str]) -> None:
    board, round_id = discussed
    board.record(round_id, "i1", 3)
    before = board.discussion(round_id)["practices"][0]
    client = board.acting(board.lead)
    path = f"/v1/rounds/{round_id}/practice-levels/p1"

    first = client.put(path, {"level": 5}, if_match=0)
    late = client.put(path, {"level": 1}, if_match=0)
    again = client.put(path, {"level": 4})

    assert (before["level"], before["version"]) == (None, 0)
    assert (first.status_code, late.status_code, again.json["version"]) == (200, 412, 2)
    assert late.json["current"]["level"] == 5
    assert client.put(f"/v1/rounds/{round_id}/practice-levels/p9", {"level": 1}).status_code == 422
    assert client.put(path, {"level": 6}).status_code == 422


def test_what_is_still_open_is_named(discussed: tuple[Board, str]) -> None:
    board, round_id = discussed
    board.record(round_id, "i1", 3)

    response = board.acting(board.lead).post(f"/v1/rounds/{round_id}/agree")

    assert (response.status_code, response.json["type"]) == (409, "/problems/items-still-open")
    assert "2 of 3 items still to agree: With whom; Coaching" in response.json["detail"]
    assert "Purpose; People" in response.json["detail"]


def test_agreeing_tells_the_plan_the_levels_and_the_chair_that_it_waits(discussed: tuple[Board, str]) -> None:
    board, round_id = discussed
    for item_id in SMALL_ITEMS:
        board.record(round_id, item_id, 3, aim_level=5 if item_id == "i1" else None)
    for practice_id in SMALL_PRACTICES:
        board.acting(board.lead).put(f"/v1/rounds/{round_id}/practice-levels/{practice_id}", {"level": 3})

    view = board.do(board.lead, round_id, "agree")

    (result,) = board.service.events(event_types.RESULT_AGREED, key=round_id)
    (request,) = board.service.events(event_types.ROUND_SIGN_OFF_REQUESTED, key=round_id)
    assert view["state"] == "agreed"
    assert [step["task"] for step in view["tasks"] if step["status"] == "now"] == ["sign_off"]
    assert result.data["items"][0] == {
        "item_id": "i1",
        "practice_id": "p1",
        "level": 3,
        "aim_level": 5,
        "previous_level": None,
    }
    assert "We talked about it" not in str(result)
    assert (request.data["items_agreed"], request.data["invited"]) == (3, 6)


def test_after_agreeing_nothing_can_be_recorded(board: Board) -> None:
    round_id = board.agreed_round()

    response = board.acting(board.lead).put(
        f"/v1/rounds/{round_id}/agreements/i1", {"level": 2, "reason": "Late thought"}, if_match=1
    )

    assert response.status_code == 409


def test_a_level_agreed_before_a_reopening_needs_a_reason_when_views_moved_away_from_it(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id)
    board.close(round_id)
    for item_id in SMALL_ITEMS:
        board.record(round_id, item_id, 3, reason="")
    for practice_id in SMALL_PRACTICES:
        board.acting(board.lead).put(f"/v1/rounds/{round_id}/practice-levels/{practice_id}", {"level": 3})
    board.do(board.lead, round_id, "reopen", {"reason": "New facts."})
    for person in board.members[:5]:
        board.answer(person, round_id, "i1", 5, version=1)
    board.close(round_id)

    response = board.acting(board.lead).post(f"/v1/rounds/{round_id}/agree")

    assert response.status_code == 409
    assert "need a reason for their level: Why" in response.json["detail"]


def test_a_small_board_is_not_asked_for_reasons_that_would_tell_hidden_answers(board: Board) -> None:
    small = found_board(board.service, members=3)
    round_id = small.open()
    small.everybody_answers(round_id)
    small.close(round_id)

    response = small.acting(small.lead).put(f"/v1/rounds/{round_id}/agreements/i1", {"level": 5}, if_match=0)

    assert response.status_code == 200
