"""A correction of what is shared: the ICB reads that there was one, and the day the board signed stays what it was."""

from importlib import import_module
from typing import Any

import psycopg
import pytest

from shared.testing.world import Person
from tests.integration.assessment.boards import Board, today

SHARE = {"share_summary": True, "count_us": False, "progress_visible": True}


def read(board: Board, icb_lead: Person, query: str = "") -> list[dict[str, Any]]:
    return list(board.acting(icb_lead).get(f"/v1/shared-summaries{query}").json["items"])


def correct(board: Board, round_id: str, **put_right: Any) -> None:
    words = {"reason": "We read the wrong column.", "meeting_on": today().isoformat()}
    board.do(board.chair, round_id, "corrections", {"revision": 1, **words, **put_right})


@pytest.fixture
def two(board: Board) -> tuple[str, str]:
    """An earlier and a later self-assessment, both signed off and shared; the earlier one was shared last."""
    earlier, later = board.signed_round(), board.signed_round(level=4)
    for round_id in (later, earlier):
        board.do(board.chair, round_id, "sharing/decide", SHARE)
    return earlier, later


def test_a_corrected_earlier_result_is_not_taken_for_the_newest(
    board: Board, icb_lead: Person, two: tuple[str, str]
) -> None:
    earlier, later = two
    correct(board, earlier, practices=[{"practice_id": "p1", "level": 5}])

    everything, newest = read(board, icb_lead), read(board, icb_lead, "?newest_alone=true")

    assert [one["round_id"] for one in everything] == [later, earlier]
    assert [one["round_id"] for one in newest] == [later]
    assert everything[1]["content"]["practices"][0]["level"] == 5


def test_the_icb_reads_when_the_board_signed_and_on_which_day_it_was_corrected(
    board: Board, icb_lead: Person, two: tuple[str, str]
) -> None:
    earlier, _ = two
    before = read(board, icb_lead)[1]["content"]
    correct(board, earlier, practices=[{"practice_id": "p1", "level": 5}])

    after = read(board, icb_lead)[1]["content"]

    assert (before["corrected_on"], after["corrected_on"]) == (None, today().isoformat())
    assert after["signed_off_at"] == before["signed_off_at"]
    signed_off_at = board.acting(board.chair).get(f"/v1/rounds/{earlier}").json["signed_off_at"]
    assert after["signed_off_at"].removesuffix("+00:00") == signed_off_at.removesuffix("Z")


def test_the_copy_is_what_the_trust_is_shown_even_when_nothing_in_it_but_the_day_changed(
    board: Board, icb_lead: Person, two: tuple[str, str]
) -> None:
    earlier, _ = two
    correct(board, earlier, items=[{"item_id": "i1", "level": 2, "reason": "The audit says so."}])

    preview = board.acting(board.chair).get(f"/v1/rounds/{earlier}/sharing").json["preview"]

    assert read(board, icb_lead)[1]["content"] == preview
    assert preview["corrected_on"] == today().isoformat()
    assert "audit" not in str(preview)


def test_copies_from_before_that_say_the_day_of_the_correction_are_put_right_and_others_stay(
    board: Board, icb_lead: Person, two: tuple[str, str]
) -> None:
    earlier, _ = two
    correct(board, earlier, practices=[{"practice_id": "p1", "level": 5}])
    sound = read(board, icb_lead)
    migration = import_module("services.assessment.migrations.versions.0017_day_of_the_sign_off")
    as_before = (
        b"update shared_view set content = content - 'corrected_on' || jsonb_build_object('signed_off_at', now())"
        b" where round_id = %s"
    )

    with psycopg.connect(board.service.superuser_url) as connection:
        connection.execute(b"set search_path to assessment")
        connection.execute(as_before, [earlier])
        connection.commit()
        wrong = read(board, icb_lead)
        connection.execute(migration.PUT_RIGHT.encode())

    assert [one["round_id"] for one in wrong] != [one["round_id"] for one in sound]
    assert read(board, icb_lead) == sound
