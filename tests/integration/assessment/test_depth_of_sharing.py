"""How much of a summary is shared, and until when: the chair's choice, shown beforehand, kept exactly."""

from typing import Any

import pytest
from sqlalchemy import text

from shared.clock import FrozenClock, end_of_local_day
from shared.contracts import event_types
from shared.testing.world import Person
from tests.integration.assessment.boards import SMALL_ITEMS, Board, in_days, today

SHARE = {"share_summary": True, "count_us": False, "progress_visible": True}


def decide(board: Board, round_id: str, **terms: Any) -> dict[str, Any]:
    return board.do(board.chair, round_id, "sharing/decide", SHARE | terms)


def read(board: Board, icb_lead: Person) -> list[dict[str, Any]]:
    return list(board.acting(icb_lead).get("/v1/shared-summaries").json["items"])


def items_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for practice in content["practices"] for item in practice.get("items", [])]


@pytest.mark.parametrize(("how_much", "reasons"), [("items", False), ("items_and_reasons", True)])
def test_the_icb_reads_items_as_deep_as_the_chair_chose_and_as_was_previewed(
    board: Board, icb_lead: Person, how_much: str, reasons: bool
) -> None:
    round_id = board.signed_round()
    client = board.acting(board.chair)
    preview = client.get(f"/v1/rounds/{round_id}/sharing?how_much={how_much}").json["preview"]

    decide(board, round_id, how_much=how_much)

    (shared,) = read(board, icb_lead)
    assert (shared["content"], shared["how_much"]) == (preview, how_much)
    assert [item["item_id"] for item in items_of(preview)] == list(SMALL_ITEMS)
    assert [item.get("reason") for item in items_of(preview)] == ["We talked about it." if reasons else None] * 3
    for hidden in (board.chair.person_id, "Item 7", "differed", "aim_level", "evidence"):
        assert hidden not in str(shared)


def test_without_a_choice_the_five_practices_alone_are_shared(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()

    decide(board, round_id)

    (shared,) = read(board, icb_lead)
    assert (items_of(shared["content"]), shared["how_much"], shared["valid_until"]) == ([], "practice_summary", None)


def test_other_terms_take_the_place_of_what_is_shared_and_the_same_change_nothing(
    board: Board, icb_lead: Person
) -> None:
    round_id = board.signed_round()
    decide(board, round_id)
    decide(board, round_id, how_much="items")

    decide(board, round_id, how_much="items")

    (shared,) = read(board, icb_lead)
    (stopped,) = board.service.events(event_types.SHARING_STOPPED, key=round_id)
    assert shared["how_much"] == "items"
    assert stopped.data["stop_code"] == "replaced"
    assert len(board.service.events(event_types.SHARING_GRANTED, key=round_id)) == 2
    now = board.acting(board.chair).get(f"/v1/rounds/{round_id}/sharing").json
    assert items_of(now["preview"]) != []


def test_what_is_shared_until_a_day_ends_with_that_day_by_itself(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()
    granted = decide(board, round_id, valid_until=in_days(3).isoformat())["granted"]

    board.service.run_scheduler(FrozenClock(end_of_local_day(in_days(2))))
    before = len(read(board, icb_lead))
    for _ in range(2):
        board.service.run_scheduler(FrozenClock(end_of_local_day(in_days(3))))

    (told,) = board.service.events(event_types.SHARING_STOPPED, key=round_id)
    (listed,) = board.acting(board.chair).get("/v1/sharing").json["items"]
    assert granted[0]["valid_until"] == in_days(3).isoformat()
    assert (before, read(board, icb_lead)) == (1, [])
    assert (told.data["stop_code"], told.actor, listed["stopped_by"]) == ("expired", None, None)
    with board.service.unit_of_work(board.chair.principal()) as uow:
        assert uow.session.execute(text("select count(*) from shared_view")).scalar_one() == 0


def test_a_later_day_given_in_time_moves_the_end(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()
    decide(board, round_id, valid_until=in_days(3).isoformat())
    decide(board, round_id, valid_until=in_days(9).isoformat())

    board.service.run_scheduler(FrozenClock(end_of_local_day(in_days(3))))

    assert [shared["valid_until"] for shared in read(board, icb_lead)] == [in_days(9).isoformat()]


@pytest.mark.parametrize(
    "terms", [{"valid_until": "2020-01-01"}, {"valid_until": "soon"}, {"how_much": "everything"}, {"depth": 3}]
)
def test_terms_that_make_no_sense_are_refused_and_share_nothing(
    board: Board, icb_lead: Person, terms: dict[str, Any]
) -> None:
    round_id = board.signed_round()

    shown = board.shown(round_id, "sharing/decide")

    refused = board.acting(board.chair).post(f"/v1/rounds/{round_id}/sharing/decide", SHARE | terms, if_match=shown)

    assert refused.status_code == 422
    assert next(iter(terms)) in str(refused.json["errors"])
    assert read(board, icb_lead) == []


def test_the_lead_suggests_depth_and_day_and_the_chair_sees_them(board: Board) -> None:
    round_id = board.signed_round()
    wanted = {"how_much": "items", "valid_until": today().isoformat()}

    board.acting(board.lead).put(f"/v1/rounds/{round_id}/sharing", {"share_summary": True, "count_us": False, **wanted})

    proposal = board.acting(board.chair).get(f"/v1/rounds/{round_id}/sharing").json["proposal"]
    assert {name: proposal[name] for name in wanted} == wanted


def test_a_correction_is_shown_at_the_depth_that_is_shared(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()
    decide(board, round_id, how_much="items")

    corrected = board.acting(board.chair).post(
        f"/v1/rounds/{round_id}/corrections",
        {
            "revision": 1,
            "reason": "We had read the wrong figure.",
            "meeting_on": today().isoformat(),
            "items": [{"item_id": "i1", "level": 2, "reason": "The audit says so."}],
        },
    )

    (shared,) = read(board, icb_lead)
    assert corrected.status_code in {200, 201}, corrected.json
    assert [item["level"] for item in items_of(shared["content"])] == [2, 3, 3]
