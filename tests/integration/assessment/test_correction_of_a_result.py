"""A signed result is put right by a new version with a reason; the old one stays readable and provable."""

import hashlib
import json
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.contracts import event_types
from shared.principal import Principal
from tests.integration.assessment.boards import Board, in_days, today


def correcting(**changes: Any) -> dict[str, Any]:
    body = {
        "revision": 1,
        "reason": "We read the wrong column.",
        "meeting_on": today().isoformat(),
        "minute": "Item 2",
        "items": [{"item_id": "i1", "level": 4, "reason": "The audit says so."}],
    }
    return body | changes


def result(board: Board, round_id: str, **query: Any) -> dict[str, Any]:
    wanted = "?revision={revision}".format(**query) if query else ""
    response = board.acting(board.members[0]).get(f"/v1/rounds/{round_id}/result{wanted}")
    assert response.status_code == 200, response.json
    return dict(response.json)


def test_the_corrected_result_is_new_and_the_signed_one_stays_readable(board: Board) -> None:
    round_id = board.signed_round()
    before = result(board, round_id)

    board.do(board.chief, round_id, "corrections", correcting())

    after, old = result(board, round_id), result(board, round_id, revision=1)
    assert (after["revision"], old["revision"]) == (2, 1)
    assert (old["canonical"], old["sha256"]) == (before["canonical"], before["sha256"])
    assert after["result"]["practices"][0]["items"][0]["level"] == 4
    assert [version["reason"] for version in after["versions"]] == [None, "We read the wrong column."]
    assert after["versions"][1]["changes"] == ["Why: level 4 instead of 3"]
    assert after["result"]["correction"]["corrects_sha256"] == before["sha256"]
    assert after["result"]["signed"]["role"] == "chief-executive"


def test_the_hash_of_every_version_is_recomputed_from_the_stored_text(board: Board) -> None:
    round_id = board.signed_round()
    board.do(board.chair, round_id, "corrections", correcting())

    with psycopg.connect(board.service.superuser_url) as connection:
        rows = connection.execute(
            "select content, sha256 from assessment.signed_result where round_id = %s order by revision", [round_id]
        ).fetchall()

    assert len(rows) == 2
    for content, sha256 in rows:
        by_hand = json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(by_hand.encode()).hexdigest() == sha256


@pytest.mark.parametrize("statement", ["update signed_result set minute = 'x'", "delete from signed_result"])
def test_the_service_itself_cannot_change_or_delete_what_was_signed(board: Board, statement: str) -> None:
    board.signed_round()
    ours = Principal.service(board.tenant, board.org)

    with board.service.unit_of_work(ours) as uow, pytest.raises(ProgrammingError, match="permission denied"):
        uow.session.execute(text(statement))


def test_everybody_concerned_is_told_without_a_word_of_the_reason(board: Board) -> None:
    round_id = board.signed_round()

    board.do(board.chair, round_id, "corrections", correcting())

    (told,) = board.service.events(event_types.ROUND_CORRECTED, key=round_id)
    (levels,) = board.service.events(event_types.RESULT_CORRECTED, key=round_id)
    assert told.data == {
        "round_id": round_id,
        "corrected_on": today().isoformat(),
        "meeting_on": today().isoformat(),
        "revision": 2,
        "items_corrected": 1,
    }
    assert [item["level"] for item in levels.data["items"]] == [4, 3, 3]
    assert "column" not in str(told) + str(levels)


def test_what_the_icb_reads_and_what_is_counted_follow_a_corrected_overall_level(board: Board) -> None:
    round_id = board.signed_round()
    decision = {"share_summary": True, "count_us": True, "progress_visible": True}
    board.do(board.chair, round_id, "sharing/decide", decision)

    board.do(board.chair, round_id, "corrections", correcting(practices=[{"practice_id": "p1", "level": 5}]))

    with psycopg.connect(board.service.superuser_url) as connection:
        (shared,) = connection.execute(
            "select content from assessment.shared_view where round_id = %s", [round_id]
        ).fetchone() or (None,)
    counted = board.service.events(event_types.CONTRIBUTION_MADE, key=board.org)
    assert shared["practices"][0]["level"] == 5
    assert [event.data["practices"][0]["level"] for event in counted] == [3, 5]


def test_what_was_not_shared_stays_unshared(board: Board) -> None:
    round_id = board.signed_round()

    board.do(board.chair, round_id, "corrections", correcting(practices=[{"practice_id": "p1", "level": 5}]))

    assert board.service.events(event_types.CONTRIBUTION_MADE, key=board.org) == []
    assert board.service.events(event_types.SHARING_GRANTED, key=round_id) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"meeting_on": in_days(1).isoformat()}, "meeting_on"),
        ({"items": []}, "items"),
        ({"items": [{"item_id": "of-another-set", "level": 3}]}, "item_id"),
        ({"items": [{"item_id": "i1", "level": 9}]}, "level"),
        ({"items": [{"item_id": "i1", "level": 4, "aim_level": 2}]}, "aim_level"),
        ({"practices": [{"practice_id": "p1", "level": 4}, {"practice_id": "p1", "level": 5}]}, "practices"),
    ],
)
def test_a_correction_that_does_not_fit_changes_nothing(board: Board, changes: dict[str, Any], field: str) -> None:
    round_id = board.signed_round()

    response = board.acting(board.chair).post(f"/v1/rounds/{round_id}/corrections", correcting(**changes))

    assert (response.status_code, response.json["errors"][0]["field"]) == (422, field)
    assert len(result(board, round_id)["versions"]) == 1
    assert board.service.events(event_types.ROUND_CORRECTED, key=round_id) == []


def test_of_two_corrections_of_the_same_version_the_second_is_refused(board: Board) -> None:
    round_id = board.signed_round()
    board.do(board.chair, round_id, "corrections", correcting())

    response = board.acting(board.chief).post(f"/v1/rounds/{round_id}/corrections", correcting(reason="Another"))

    assert (response.status_code, response.json["current"]["version"]) == (412, 2)


def test_only_a_signer_with_a_fresh_second_factor_corrects_and_only_what_was_signed(board: Board) -> None:
    signed, agreed = board.signed_round(), board.agreed_round()

    def answer(person: Any, round_id: str, **options: Any) -> int:
        return board.acting(person, **options).post(f"/v1/rounds/{round_id}/corrections", correcting()).status_code

    assert answer(board.lead, signed) == 403
    assert answer(board.secretary, signed) == 403
    assert answer(board.chair, signed, strong=False) == 401
    assert answer(board.chair, agreed) == 409


def test_a_version_that_was_never_signed_is_not_found(board: Board) -> None:
    round_id = board.signed_round()

    assert board.acting(board.chair).get(f"/v1/rounds/{round_id}/result?revision=2").status_code == 404


def test_a_late_correction_of_an_old_result_does_not_make_it_the_last_one(board: Board) -> None:
    first, second = board.signed_round(level=2), board.signed_round(level=4)
    board.do(board.chair, first, "corrections", correcting(items=[{"item_id": "i1", "level": 1}]))

    third = board.signed_round(level=5)

    moved = result(board, third)["movement"]
    assert (moved["previous_round_id"], moved["items"]["i1"]["words"]) == (second, "up 1 level, from 4 to 5")
    assert result(board, second)["movement"]["items"]["i1"]["words"] == "up 3 levels, from 1 to 4"
