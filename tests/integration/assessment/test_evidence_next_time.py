"""Next time the question is: still true? Keep, replace, or drop; what was signed stays as it was."""

from shared.principal import Principal
from shared.rekeying import rekey_organisation
from shared.testing import sample_files
from tests.integration.assessment.boards import in_days, today
from tests.integration.assessment.evidence_shelf import Shelf


def signed_with(shelf: Shelf) -> str:
    """A signed self-assessment with one file and one link."""
    round_id = shelf.board.open()
    shelf.ready_file(round_id)
    shelf.add_link(round_id, item_id="i2")
    board = shelf.board
    board.everybody_answers(round_id)
    board.close(round_id)
    board.record_everything(round_id)
    board.do(board.lead, round_id, "agree")
    board.do(board.chair, round_id, "sign-off", {"meeting_on": today().isoformat(), "minute": "Item 7"})
    return round_id


def next_one(shelf: Shelf) -> str:
    return shelf.board.open(name="Autumn 2026", closes_on=in_days(9).isoformat())


def test_those_who_prepare_are_asked_about_each_piece_and_the_board_is_not(shelf: Shelf) -> None:
    signed_with(shelf)
    following = next_one(shelf)

    asked = shelf.shown(following)
    read = shelf.shown(following, by=shelf.board.members[0])

    assert [(one["item_id"], one["file"] is not None) for one in asked["still_true"]] == [("i1", True), ("i2", False)]
    assert (asked["items"], read["items"], read["still_true"]) == ([], [], [])


def test_what_is_kept_is_read_again_without_a_second_copy(shelf: Shelf) -> None:
    signed_with(shelf)
    following = next_one(shelf)
    earlier = shelf.shown(following)["still_true"][0]["id"]

    answer = shelf.answer(following, earlier, "keep")

    kept = answer.json["items"][0]
    assert answer.status_code == 200
    assert (kept["kept"], kept["file"]["name"]) == (True, "paper.pdf")
    assert [one["item_id"] for one in answer.json["still_true"]] == ["i2"]
    assert shelf.link_to(following, kept["id"], by=shelf.board.chair).status_code == 200
    assert len(shelf.objects()) == 1


def test_what_is_dropped_stays_with_the_signed_one(shelf: Shelf) -> None:
    signed = signed_with(shelf)
    following = next_one(shelf)
    earlier = shelf.shown(following)["still_true"][0]["id"]

    assert shelf.answer(following, earlier, "drop").status_code == 200
    shelf.work()

    assert [one["item_id"] for one in shelf.shown(following)["still_true"]] == ["i2"]
    assert shelf.shown(following)["items"] == []
    assert shelf.link_to(signed, earlier).status_code == 200
    assert len(shelf.objects()) == 1


def test_a_newer_file_replaces_an_earlier_one(shelf: Shelf) -> None:
    signed = signed_with(shelf)
    following = next_one(shelf)
    earlier = shelf.shown(following)["still_true"][0]["id"]

    answer = shelf.add_file(following, "newer.csv", sample_files.TABLE, replaces=earlier)
    shelf.work()

    assert answer.status_code == 201
    assert [(one["file"]["name"], one["kept"]) for one in shelf.shown(following)["items"]] == [("newer.csv", False)]
    assert [one["item_id"] for one in shelf.shown(following)["still_true"]] == ["i2"]
    assert shelf.shown(signed)["items"][0]["file"]["name"] == "paper.pdf"


def test_the_question_is_answered_once_and_only_where_it_was_asked(shelf: Shelf) -> None:
    signed = signed_with(shelf)
    following = next_one(shelf)
    earlier, other = (one["id"] for one in shelf.shown(following)["still_true"])
    shelf.answer(following, earlier, "keep")

    assert shelf.answer(following, earlier, "drop").json["type"] == "/problems/answered-before"
    assert shelf.add_link(following, replaces=earlier).status_code == 409
    assert shelf.add_link(following, item_id="i3", replaces=other).status_code == 404
    assert shelf.answer(signed, other, "keep").status_code == 409
    assert shelf.answer(following, other, "replace").status_code == 422


def test_a_kept_piece_that_is_removed_is_not_asked_about_again(shelf: Shelf) -> None:
    signed_with(shelf)
    following = next_one(shelf)
    earlier = shelf.shown(following)["still_true"][0]["id"]
    kept = shelf.answer(following, earlier, "keep").json["items"][0]["id"]

    shelf.remove(following, kept)
    shelf.work()

    found = shelf.shown(following)
    assert (found["items"], [one["item_id"] for one in found["still_true"]]) == ([], ["i2"])
    assert len(shelf.objects()) == 1


def test_a_file_goes_along_when_the_organisation_moves_and_its_key_stays(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    piece = shelf.ready_file(round_id)
    old, new, org = shelf.board.tenant, shelf.board.service.world.tenant(), shelf.board.org
    key = shelf.rows()[0]["key"]

    with shelf.board.service.unit_of_work(Principal.service(old, org)) as uow:
        rekey_organisation(uow, org, old, new)
        uow.commit()

    assert {row["tenant_id"] for table in ("stored_file", "evidence") for row in shelf.rows(table)} == {new}
    assert (shelf.rows()[0]["key"], shelf.rows("evidence")[0]["id"].hex) == (key, piece.replace("-", ""))
    assert key.startswith(f"{old}/")
