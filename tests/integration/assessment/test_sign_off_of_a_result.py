"""The chair signs once; what was signed is frozen and can be proved."""

import hashlib
import json
import threading

import psycopg
import pytest
from werkzeug.test import TestResponse

from shared.contracts import event_types
from tests.integration.assessment.boards import SMALL_PRACTICES, Board, in_days, today


def signing(**changes: object) -> dict[str, object]:
    return {"meeting_on": today().isoformat(), "minute": "Item 7"} | changes


def sign(board: Board, round_id: str, body: object, *, step: str = "sign-off") -> TestResponse:
    """The chair's answer to what stands now."""
    return board.acting(board.chair).post(f"/v1/rounds/{round_id}/{step}", body, if_match=board.shown(round_id, step))


def test_the_hash_can_be_recomputed_from_the_stored_text_by_anybody(board: Board) -> None:
    round_id = board.signed_round()

    with psycopg.connect(board.service.superuser_url) as connection:
        stored = connection.execute(
            "select content, sha256, signed_as from assessment.signed_result where round_id = %s", [round_id]
        ).fetchone()
    told = board.acting(board.members[0]).get(f"/v1/rounds/{round_id}/result").json

    assert stored is not None
    by_hand = json.dumps(json.loads(stored[0]), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(by_hand.encode()).hexdigest() == stored[1] == told["sha256"]
    assert (told["canonical"], stored[2]) == (stored[0], "chair")
    assert told["result"]["signed"]["person_id"] == board.chair.person_id
    assert told["result"]["took_part"] == {"invited": 6, "finished": 6}


def test_of_the_chair_and_the_chief_executive_signing_at_once_one_signs(board: Board) -> None:
    round_id = board.agreed_round()
    read = board.shown(round_id, "sign-off")
    results: list[int] = []
    start = threading.Barrier(2)

    def sign(client_of: object) -> None:
        client = board.acting(client_of)  # type: ignore[arg-type]
        start.wait()
        results.append(client.post(f"/v1/rounds/{round_id}/sign-off", signing(), if_match=read).status_code)

    threads = [threading.Thread(target=sign, args=[person]) for person in (board.chair, board.chief)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [200, 412]
    assert len(board.service.events(event_types.ROUND_SIGNED_OFF, key=round_id)) == 1
    assert len(board.service.events(event_types.RESULT_SIGNED_OFF, key=round_id)) == 1


def put_forward_anew(board: Board, round_id: str) -> None:
    """The chief executive sends it back, the lead changes a level and puts it forward again."""
    board.do(board.chief, round_id, "send-back", {"note": "Look at i1 again."})
    board.record(round_id, "i1", 1, version=1, reason="We were too kind.")
    board.do(board.lead, round_id, "agree")


@pytest.mark.parametrize(
    ("step", "body"), [("sign-off", signing()), ("sign-off", {}), ("send-back", {"note": "Look at i2 again."})]
)
def test_levels_that_the_chair_never_saw_are_neither_signed_nor_sent_back(
    board: Board, step: str, body: dict[str, object]
) -> None:
    round_id = board.agreed_round()
    board.do(board.secretary, round_id, "decision", signing())
    read = board.shown(round_id, step)
    put_forward_anew(board, round_id)
    board.do(board.secretary, round_id, "decision", signing(minute="Item 9"))
    chair, path = board.acting(board.chair), f"/v1/rounds/{round_id}/{step}"

    blind = chair.post(path, body)
    stale = chair.post(path, body, if_match=read)

    assert (blind.status_code, blind.json["type"]) == (428, "/problems/version-required")
    assert (stale.status_code, stale.json["type"]) == (412, "/problems/stale-version")
    assert stale.json["current"]["decision"]["minute"] == "Item 9"
    assert board.service.events(event_types.ROUND_SIGNED_OFF, key=round_id) == []
    assert chair.get(f"/v1/rounds/{round_id}").json["state"] == "agreed"
    assert chair.post(path, body, if_match=stale.json["current"]["version"]).status_code == 200


def test_another_minute_than_the_one_that_was_shown_is_not_confirmed(board: Board) -> None:
    round_id = board.agreed_round()
    board.do(board.secretary, round_id, "decision", signing())
    read = board.shown(round_id, "sign-off")
    board.do(board.secretary, round_id, "decision", signing(minute="Subject to what finance says."))

    stale = board.acting(board.chair).post(f"/v1/rounds/{round_id}/sign-off", {}, if_match=read)

    assert (stale.status_code, stale.json["current"]["decision"]["minute"]) == (412, "Subject to what finance says.")
    assert board.service.events(event_types.ROUND_SIGNED_OFF, key=round_id) == []


def test_a_double_click_signs_once_and_answers_twice_the_same(board: Board) -> None:
    round_id = board.agreed_round()
    client, path, read = board.acting(board.chair), f"/v1/rounds/{round_id}/sign-off", board.shown(round_id, "sign-off")

    answers = [client.post(path, signing(), key="sign", if_match=read) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json


def test_signing_needs_a_fresh_second_factor(board: Board) -> None:
    round_id = board.agreed_round()

    response = board.acting(board.chair, strong=False).post(f"/v1/rounds/{round_id}/sign-off", signing())

    assert (response.status_code, response.json["type"]) == (401, "/problems/step-up-required")
    assert board.service.events(event_types.ROUND_SIGNED_OFF, key=round_id) == []


def test_the_lead_cannot_sign(board: Board) -> None:
    round_id = board.agreed_round()

    assert board.acting(board.lead).post(f"/v1/rounds/{round_id}/sign-off", signing()).status_code == 403


def test_a_meeting_in_the_future_cannot_have_decided(board: Board) -> None:
    round_id = board.agreed_round()

    response = sign(board, round_id, signing(meeting_on=in_days(2).isoformat()))

    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "meeting_on")


def test_the_chair_confirms_what_the_secretary_recorded(board: Board) -> None:
    round_id = board.agreed_round()
    view = board.do(board.secretary, round_id, "decision", signing())

    board.do(board.chair, round_id, "sign-off", {})

    signed = board.acting(board.chair).get(f"/v1/rounds/{round_id}/result").json["result"]["signed"]
    (told,) = board.service.events(event_types.ROUND_DECISION_RECORDED, key=round_id)
    assert (told.data["confirm_by"], "Item 7" in str(told)) == (in_days(30).isoformat(), False)
    assert view["decision"]["confirm_by"] == in_days(30).isoformat()
    assert (signed["person_id"], signed["recorded_by"]) == (board.chair.person_id, board.secretary.person_id)
    assert (signed["meeting_on"], signed["minute"]) == (today().isoformat(), "Item 7")


def test_without_a_meeting_and_without_a_record_nothing_is_signed(board: Board) -> None:
    round_id = board.agreed_round()

    response = sign(board, round_id, {})

    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "meeting_on")


def test_a_decision_about_levels_that_were_sent_back_is_forgotten(board: Board) -> None:
    round_id = board.agreed_round()
    board.do(board.secretary, round_id, "decision", signing())
    board.do(board.chair, round_id, "send-back", {"note": "Look at it again."})

    view = board.do(board.lead, round_id, "agree")

    assert view["decision"] is None


def test_a_decision_is_recorded_only_about_agreed_levels(board: Board) -> None:
    round_id = board.open()

    response = board.acting(board.secretary).post(f"/v1/rounds/{round_id}/decision", signing())

    assert response.status_code == 409


def test_sent_back_with_a_note_it_is_in_discussion_again(board: Board) -> None:
    round_id = board.agreed_round()

    view = board.do(board.chief, round_id, "send-back", {"note": "Look at coaching again."})

    (told,) = board.service.events(event_types.ROUND_SENT_BACK, key=round_id)
    assert (view["state"], view["sent_back_note"]) == ("closed", "Look at coaching again.")
    assert "coaching" not in str(told)
    assert board.discussion(round_id)["sent_back_note"] == "Look at coaching again."


def test_agreed_anew_after_being_sent_back_the_note_is_gone_and_the_plan_hears_the_new_levels(board: Board) -> None:
    round_id = board.agreed_round()
    board.do(board.chair, round_id, "send-back", {"note": "Look at it again."})
    board.record(round_id, "i1", 2, version=1, reason="We were too kind.")

    view = board.do(board.lead, round_id, "agree")

    told = board.service.events(event_types.RESULT_AGREED, key=round_id)
    assert (view["state"], view["sent_back_note"]) == ("agreed", None)
    assert [event.data["items"][0]["level"] for event in told] == [3, 2]


def taken_back(board: Board, round_id: str) -> list[dict[str, object]]:
    """How the plan heard that the levels of a self-assessment hold no longer."""
    told = board.service.events(event_types.RESULT_WITHDRAWN, key=round_id)
    return [{"code": event.data["withdrawn_code"], "on": event.data["withdrawn_on"]} for event in told]


@pytest.mark.parametrize(
    ("step", "body", "code"),
    [
        ("send-back", {"note": "Look at it again."}, "sent_back"),
        ("reopen", {"reason": "Two were away."}, "reopened"),
        ("abandon", {"reason": "The trust is merging."}, "abandoned"),
    ],
)
def test_the_plan_hears_that_agreed_levels_hold_no_longer(
    board: Board, step: str, body: dict[str, str], code: str
) -> None:
    round_id = board.agreed_round()

    board.do(board.chair if step == "send-back" else board.lead, round_id, step, body)

    assert taken_back(board, round_id) == [{"code": code, "on": today().isoformat()}]
    assert not any(words in str(board.service.events(key=round_id)) for words in body.values())


@pytest.mark.parametrize(
    ("step", "body"), [("send-back", {"note": "Look at it again."}), ("reopen", {"reason": "Two were away."})]
)
def test_the_plan_hears_of_the_end_of_a_round_that_was_agreed_once(
    board: Board, step: str, body: dict[str, str]
) -> None:
    round_id = board.agreed_round()
    board.do(board.chair if step == "send-back" else board.lead, round_id, step, body)

    board.do(board.lead, round_id, "abandon", {"reason": "The trust is merging."})

    assert [each["code"] for each in taken_back(board, round_id)][1:] == ["abandoned"]


def test_levels_that_were_never_agreed_are_not_taken_back(board: Board) -> None:
    round_id = board.open()
    board.close(round_id)
    board.do(board.lead, round_id, "reopen", {"reason": "Two were away."})

    board.do(board.lead, round_id, "abandon", {"reason": "Too early."})

    assert taken_back(board, round_id) == []


def test_sending_back_needs_a_note(board: Board) -> None:
    round_id = board.agreed_round()

    response = sign(board, round_id, {"note": " "}, step="send-back")

    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "note")


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("sign-off", signing()),
        ("send-back", {"note": "Again"}),
        ("reopen", {"reason": "Again"}),
        ("abandon", {"reason": "Again"}),
        ("close", None),
        ("agree", None),
    ],
)
def test_nothing_moves_a_signed_round(board: Board, step: str, body: object) -> None:
    round_id = board.signed_round()
    person = board.chair if step in {"sign-off", "send-back"} else board.lead
    before = board.service.events(key=round_id)

    read = board.shown(round_id, step)

    response = board.acting(person).post(f"/v1/rounds/{round_id}/{step}", body, if_match=read)

    assert response.status_code == 409
    assert board.service.events(key=round_id) == before


def test_there_is_no_result_before_the_signature(board: Board) -> None:
    round_id = board.agreed_round()

    response = board.acting(board.chair).get(f"/v1/rounds/{round_id}/result")

    assert (response.status_code, response.json["type"]) == (409, "/problems/not-signed-off")


def test_a_second_result_says_in_words_what_moved(board: Board) -> None:
    board.signed_round(level=3)
    second = board.open(name="Autumn 2026")
    board.everybody_answers(second, {"i1": [5] * 6})
    board.close(second)
    for item_id, level in (("i1", 5), ("i2", 2), ("i3", 3)):
        board.record(second, item_id, level)
    for practice_id in SMALL_PRACTICES:
        board.acting(board.lead).put(f"/v1/rounds/{second}/practice-levels/{practice_id}", {"level": 4})
    board.do(board.lead, second, "agree")
    board.do(board.chair, second, "sign-off", signing())

    moved = board.acting(board.chair).get(f"/v1/rounds/{second}/result").json["movement"]

    assert moved["previous_round_name"] == "Spring 2026"
    assert moved["question_set_changed"] is False
    assert [moved["items"][item]["words"] for item in ("i1", "i2", "i3")] == [
        "up 2 levels, from 3 to 5",
        "down 1 level, from 3 to 2",
        "no change, still level 3",
    ]
    assert moved["practices"]["p1"]["change"] == 1
    told = board.service.events(event_types.RESULT_AGREED, key=second)[0].data
    assert [item["previous_level"] for item in told["items"]] == [3, 3, 3]


def test_the_first_result_has_nothing_to_compare_with(board: Board) -> None:
    round_id = board.signed_round()

    moved = board.acting(board.chair).get(f"/v1/rounds/{round_id}/result").json["movement"]

    assert moved["previous_round_id"] is None
    assert moved["items"]["i1"]["words"] == "not agreed before"
