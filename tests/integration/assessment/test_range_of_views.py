"""When a range of views may be seen, above all after answering was reopened."""

from collections.abc import Sequence

import pytest

from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.assessment.boards import Board, found_board


def reopened_and_closed(board: Board, round_id: str, changes: Sequence[tuple[Person, int | None, int]]) -> None:
    """Reopen, let people change their answer to i1 (person, level, version they saw), close again."""
    board.do(board.lead, round_id, "reopen", {"reason": "Two people were away."})
    for person, level, version in changes:
        board.answer(person, round_id, "i1", level, version=version)
    board.close(round_id)


def test_a_range_shows_counts_and_how_many_did_not_know(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id, {"i1": [1, 3, 3, 4, 4, None]})

    board.close(round_id)

    shown = board.ranges(round_id)["i1"]
    assert shown["shown"] is True
    assert shown["counts"] == {"1": 1, "2": 0, "3": 2, "4": 2, "5": 0}
    assert (shown["cannot_judge"], shown["answered"], shown["commonest"]) == (1, 5, [3, 4])
    assert shown["median_spread"] == {"median": 3.0, "lowest": 1, "highest": 4}


def test_fewer_than_five_who_gave_a_level_show_nothing(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id, {"i1": [3, 3, 3, 3, None, None], "i2": [3, 3, 3, 3, 3, None]})

    board.close(round_id)

    ranges = board.ranges(round_id)
    assert ranges["i1"] == {"shown": False, "reason": ranges["i1"]["reason"]}
    assert "Fewer than 5 people" in ranges["i1"]["reason"]
    assert ranges["i2"]["shown"] is True


def test_an_item_nobody_answered_shows_nothing(board: Board) -> None:
    round_id = board.open()

    board.close(round_id)

    assert [views["shown"] for views in board.ranges(round_id).values()] == [False] * 3


@pytest.mark.parametrize(("finish", "shown"), [(4, False), (5, True)])
def test_who_has_not_said_that_they_finished_is_neither_counted_nor_of_the_five(
    board: Board, finish: int, shown: bool
) -> None:
    """The invitation says: if five or more people finish, the board sees the range of views."""
    round_id = board.open()
    for number, person in enumerate(board.members):
        board.answer(person, round_id, "i1", 3 if number < finish else 5)
    board.all_finish(round_id, board.members[:finish])

    board.close(round_id)

    views = board.ranges(round_id)["i1"]
    assert views["shown"] is shown
    if shown:
        assert views["counts"] == {"1": 0, "2": 0, "3": finish, "4": 0, "5": 0}
    else:
        assert "Fewer than 5 people have finished" in views["reason"]


def test_who_takes_it_back_is_not_counted(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id, {"i1": [5, 3, 3, 3, 3, 3]})
    board.do(board.members[0], round_id, "my-answers/unfinish")

    board.close(round_id)

    assert board.ranges(round_id)["i1"]["counts"]["5"] == 0


def test_one_who_finishes_after_a_reopening_cannot_be_told_by_the_new_range(board: Board) -> None:
    """Five finished and were shown; the sixth does so after the reopening: the difference would be theirs."""
    round_id = board.open()
    board.everybody_answers(round_id, {"i1": [5, 3, 3, 3, 3, 3]})
    board.do(board.members[0], round_id, "my-answers/unfinish")
    board.close(round_id)
    board.do(board.lead, round_id, "reopen", {"reason": "One was away."})
    board.all_finish(round_id, board.members[:1])

    board.close(round_id)

    views = board.ranges(round_id)["i1"]
    assert (views["counts"]["5"], views["late_answers"]) == (0, True)


def test_a_removed_respondent_leaves_the_range(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id, {"i1": [5, 3, 3, 3, 3, 3]})

    removed = board.acting(board.lead).delete(f"/v1/rounds/{round_id}/respondents/{board.members[0].person_id}")
    board.close(round_id)

    assert removed.status_code == 200
    assert board.ranges(round_id)["i1"]["counts"] == {"1": 0, "2": 0, "3": 5, "4": 0, "5": 0}


def test_the_range_is_not_told_while_people_answer(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id)

    response = board.acting(board.lead).get(f"/v1/rounds/{round_id}/discussion")

    assert response.status_code == 409


@pytest.mark.parametrize("changed", [1, 4])
def test_after_reopening_one_to_four_changes_leave_the_old_range(board: Board, changed: int) -> None:
    round_id = board.open()
    board.everybody_answers(round_id)
    board.close(round_id)

    reopened_and_closed(board, round_id, [(person, 5, 1) for person in board.members[:changed]])

    views = board.ranges(round_id)["i1"]
    assert views["counts"] == {"1": 0, "2": 0, "3": 6, "4": 0, "5": 0}
    assert views["late_answers"] is True
    others = {item: board.ranges(round_id)[item] for item in ("i2", "i3")}
    assert {item: other["late_answers"] for item, other in others.items()} == {"i2": True, "i3": True}


@pytest.mark.parametrize("touched", ["", "i1", "i2"])
def test_which_item_somebody_touched_after_a_reopening_is_not_told(board: Board, touched: str) -> None:
    """Answering is opened again because one of them asked: whatever they change, the board reads the same."""
    round_id = board.open()
    board.everybody_answers(round_id, {"i2": [3, 3, 3, 3, None, None]})
    board.close(round_id)
    before = board.ranges(round_id)
    board.do(board.lead, round_id, "reopen", {"reason": "One of us asked."})
    if touched:
        board.answer(board.members[5], round_id, touched, 4, version=1)

    board.close(round_id)

    after = board.ranges(round_id)
    assert {item: after[item].pop("late_answers") for item in ("i1", "i3")} == {"i1": True, "i3": True}
    assert {item: after[item].get("counts") for item in after} == {item: before[item].get("counts") for item in before}
    assert after["i2"] == {"shown": False, "reason": after["i2"]["reason"]}
    assert "Too few people or answers changed" in after["i2"]["reason"]


def test_one_item_with_few_changes_keeps_the_ranges_of_all(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id)
    board.close(round_id)
    board.do(board.lead, round_id, "reopen", {"reason": "New facts."})
    for person in board.members:
        board.answer(person, round_id, "i1", 5, version=1)
    board.answer(board.members[0], round_id, "i2", 5, version=1)

    board.close(round_id)

    views = board.ranges(round_id)
    assert {item: (seen["counts"]["3"], seen["late_answers"]) for item, seen in views.items()} == dict.fromkeys(
        ("i1", "i2", "i3"), (6, True)
    )


def test_after_reopening_five_changes_make_a_new_range(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id)
    board.close(round_id)

    reopened_and_closed(board, round_id, [(person, 5, 1) for person in board.members[:5]])

    views = board.ranges(round_id)["i1"]
    assert views["counts"] == {"1": 0, "2": 0, "3": 1, "4": 0, "5": 5}
    assert views["late_answers"] is False


def test_changes_add_up_over_several_reopenings(board: Board) -> None:
    """Three changes held back, then none: the new range must not appear, or it would tell the three."""
    round_id = board.open()
    board.everybody_answers(round_id)
    board.close(round_id)
    reopened_and_closed(board, round_id, [(person, 5, 1) for person in board.members[:3]])

    reopened_and_closed(board, round_id, [])
    after_none = board.ranges(round_id)["i1"]
    reopened_and_closed(board, round_id, [(person, 4, 1) for person in board.members[3:5]])
    after_five = board.ranges(round_id)["i1"]

    assert after_none["counts"]["3"] == 6
    assert after_five["counts"] == {"1": 0, "2": 0, "3": 1, "4": 2, "5": 3}


def test_a_change_taken_back_looks_like_any_few_changes(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id)
    board.close(round_id)

    reopened_and_closed(board, round_id, [(board.members[0], 5, 1), (board.members[0], 3, 2)])

    assert board.ranges(round_id)["i1"]["late_answers"] is True


def test_somebody_removed_after_a_range_was_seen_counts_as_a_change(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id, {"i1": [5, 3, 3, 3, 3, 3]})
    board.close(round_id)
    board.do(board.lead, round_id, "reopen", {"reason": "One of us has left."})

    board.acting(board.lead).delete(f"/v1/rounds/{round_id}/respondents/{board.members[0].person_id}")
    board.close(round_id)

    views = board.ranges(round_id)["i1"]
    assert views["counts"]["5"] == 1
    assert views["late_answers"] is True


def test_a_range_seen_hidden_and_refilled_does_not_tell_the_newcomer(service: ServiceUnderTest) -> None:
    """Five seen, one removed (hidden), another takes the place: showing five again would tell both answers."""
    board = found_board(service, members=6)
    newcomer = board.members.pop()
    round_id = board.open()
    board.everybody_answers(round_id)
    board.close(round_id)
    board.do(board.lead, round_id, "reopen", {"reason": "One of us has left."})
    board.acting(board.lead).delete(f"/v1/rounds/{round_id}/respondents/{board.members[0].person_id}")
    board.close(round_id)
    hidden = board.ranges(round_id)["i1"]
    board.do(board.lead, round_id, "reopen", {"reason": "A new member joined."})
    board.do(board.lead, round_id, "respondents", {"respondents": [{"person_id": newcomer.person_id}]})
    board.answer(newcomer, round_id, "i1", 5)
    board.all_finish(round_id, [newcomer])
    board.close(round_id)

    views = board.ranges(round_id)["i1"]

    assert hidden["shown"] is False
    assert "Fewer than 5 people have finished" in hidden["reason"]
    assert views["shown"] is False
    assert "Too few people or answers changed" in views["reason"]


def test_the_first_range_may_appear_after_a_reopening(board: Board) -> None:
    """Four finished, so nothing was looked at: there is nothing to compare the new range with."""
    round_id = board.open()
    board.everybody_answers(round_id, {"i1": [3, 3, 3, 3, None, None]})
    for person in board.members[4:]:
        board.do(person, round_id, "my-answers/unfinish")
    board.close(round_id)
    board.do(board.lead, round_id, "reopen", {"reason": "Two people were away."})
    board.answer(board.members[4], round_id, "i1", 4, version=1)
    board.all_finish(round_id, board.members[4:])

    board.close(round_id)

    assert board.ranges(round_id)["i1"]["counts"] == {"1": 0, "2": 0, "3": 4, "4": 1, "5": 0}


def board_of(service: ServiceUnderTest, executives: int, others: int, neither: int = 0) -> tuple[Board, str]:
    board = found_board(service, members=executives + others + neither)
    sides: list[bool | None] = [True] * executives + [False] * others + [None] * neither
    respondents = [
        {"person_id": person.person_id, "executive": side} for person, side in zip(board.members, sides, strict=True)
    ]
    return board, board.open(respondents=respondents, compares_sides=True)


@pytest.mark.parametrize(
    ("executives", "others", "neither", "split"),
    [(5, 5, 0, True), (5, 4, 0, False), (4, 6, 0, False), (5, 5, 1, False), (5, 5, 5, True)],
)
def test_the_two_sides_of_the_board_are_shown_from_five_each(
    service: ServiceUnderTest, executives: int, others: int, neither: int, split: bool
) -> None:
    board, round_id = board_of(service, executives, others, neither)
    for number, person in enumerate(board.members):
        board.answer(person, round_id, "i1", 4 if number < executives else 2)
    board.all_finish(round_id)

    board.close(round_id)

    views = board.ranges(round_id)["i1"]
    assert views["shown"] is True
    if split:
        assert views["executive"] == {"1": 0, "2": 0, "3": 0, "4": 5, "5": 0}
        assert views["non_executive"] == {"1": 0, "2": 5, "3": 0, "4": 0, "5": 0}
    else:
        assert (views["executive"], views["non_executive"]) == (None, None)


def test_the_sides_are_not_compared_when_the_invitation_did_not_say_so(service: ServiceUnderTest) -> None:
    board, _ = board_of(service, 5, 5)
    board.do(board.lead, board.acting(board.lead).get("/v1/rounds").json["items"][0]["id"], "abandon", {"reason": "No"})
    sides = [{"person_id": person.person_id, "executive": number < 5} for number, person in enumerate(board.members)]
    round_id = board.open(respondents=sides)
    for person in board.members:
        board.answer(person, round_id, "i1", 3)
    board.all_finish(round_id)

    board.close(round_id)

    views = board.ranges(round_id)["i1"]
    assert (views["shown"], views["executive"], views["non_executive"]) == (True, None, None)


def test_ranges_of_other_people_cannot_be_subtracted_to_leave_one(service: ServiceUnderTest) -> None:
    """Eleven, then the last five of them, then all but the first: the first range less the third is one answer."""
    board = found_board(service, members=11)
    round_id = board.open()
    for number, person in enumerate(board.members):
        board.answer(person, round_id, "i1", 5 if number == 0 else 3)
    board.all_finish(round_id)
    board.close(round_id)
    board.do(board.lead, round_id, "reopen", {"reason": "Six were asked by mistake."})
    for person in board.members[:6]:
        board.acting(board.lead).delete(f"/v1/rounds/{round_id}/respondents/{person.person_id}")
    board.close(round_id)
    five = board.ranges(round_id)["i1"]
    board.do(board.lead, round_id, "reopen", {"reason": "Five of them were not."})
    again = [{"person_id": person.person_id} for person in board.members[1:6]]
    board.do(board.lead, round_id, "respondents", {"respondents": again})
    board.close(round_id)

    ten = board.ranges(round_id)["i1"]

    assert five["counts"] == {"1": 0, "2": 0, "3": 5, "4": 0, "5": 0}
    assert ten["counts"] == five["counts"]
    assert ten["late_answers"] is True


def test_a_new_range_withholds_the_sides_when_one_to_four_of_a_side_changed(service: ServiceUnderTest) -> None:
    board, round_id = board_of(service, 5, 5)
    for person in board.members:
        board.answer(person, round_id, "i1", 3)
    board.all_finish(round_id)
    board.close(round_id)

    reopened_and_closed(board, round_id, [(person, 5, 1) for person in board.members[:6]])

    views = board.ranges(round_id)["i1"]
    assert views["counts"] == {"1": 0, "2": 0, "3": 4, "4": 0, "5": 6}
    assert (views["executive"], views["non_executive"]) == (None, None)


def test_a_text_is_seen_only_when_its_author_offers_it_and_never_with_a_name(board: Board) -> None:
    round_id = board.open()
    board.answer(board.members[0], round_id, "i1", 3, why="Offered words", offered=True)
    board.answer(board.members[1], round_id, "i1", 3, why="Kept words")
    board.answer(board.members[2], round_id, "i1", 3, why="Taken back", offered=True)
    board.answer(board.members[2], round_id, "i1", 3, why="Taken back", offered=False, version=1)
    board.close(round_id)

    told = board.discussion(round_id)

    assert told["items"][0]["offered"] == [{"why": "Offered words", "evidence": ""}]
    for hidden in ("Kept words", "Taken back", *(person.person_id for person in board.members)):
        assert hidden not in str(told)
