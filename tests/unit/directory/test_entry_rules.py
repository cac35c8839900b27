"""What may be entered by hand: boards and places; trusts come from the published file."""

from datetime import date

import pytest

from services.directory.domain.entries import (
    EntryInvalid,
    EntryRefused,
    NewEntry,
    Standing,
    check_closing,
    check_new_entry,
    check_successors,
)
from services.directory.domain.errors import RuleBroken
from services.directory.domain.intervals import Interval

APRIL = date(2027, 4, 1)
OPEN = Interval(date(2022, 7, 1))
CLOSED = Interval(date(2022, 7, 1), date(2026, 4, 1))
KNOWN = Standing(code_taken=False, board_open=OPEN, region_known=True)


def test_a_new_board_needs_a_region_and_a_new_place_its_board() -> None:
    check_new_entry(NewEntry("A1B2C", "icb", None, "Y60"), KNOWN, opens_on=APRIL)
    check_new_entry(NewEntry("XNVP1", "place", "QOP", None), KNOWN, opens_on=APRIL)


@pytest.mark.parametrize(
    ("entry", "standing", "field"),
    [
        (NewEntry("XNVP1", "place", "QZZ", None), Standing(False, None, False), "tenant"),
        (
            NewEntry("XNVP1", "place", "QMJ", None),
            Standing(False, Interval(OPEN.start, date(2026, 4, 1)), True),
            "tenant",
        ),
        (NewEntry("A1B2C", "icb", "QOP", "Y60"), KNOWN, "tenant"),
        (NewEntry("A1B2C", "icb", None, "Y99"), Standing(False, None, False), "region"),
    ],
)
def test_a_wrong_entry_names_its_field(entry: NewEntry, standing: Standing, field: str) -> None:
    with pytest.raises(EntryInvalid) as refusal:
        check_new_entry(entry, standing, opens_on=APRIL)

    assert refusal.value.field == field


def test_a_code_is_never_used_twice() -> None:
    with pytest.raises(EntryRefused):
        check_new_entry(NewEntry("QOP", "icb", None, "Y60"), Standing(True, None, True), opens_on=APRIL)


def test_a_board_without_members_closes() -> None:
    check_closing(OPEN, APRIL, kind="icb", members=0)


@pytest.mark.parametrize(
    ("open_", "until", "kind", "members", "error"),
    [
        (OPEN, APRIL, "icb", 3, EntryRefused),
        (OPEN, APRIL, "trust", 0, EntryRefused),
        (Interval(OPEN.start, APRIL), APRIL, "icb", 0, EntryRefused),
        (OPEN, date(2022, 7, 1), "place", 0, EntryInvalid),
    ],
)
def test_a_closing_that_cannot_be_is_refused(
    open_: Interval, until: date, kind: str, members: int, error: type[RuleBroken]
) -> None:
    with pytest.raises(error):
        check_closing(open_, until, kind=kind, members=members)


def test_each_successor_is_named_once_and_is_another() -> None:
    check_successors("QOP", ["QHM", "QMJ"])

    for named in (["QHM", "QHM"], ["QOP"]):
        with pytest.raises(EntryInvalid) as refusal:
            check_successors("QOP", named)
        assert refusal.value.field == "successors"
