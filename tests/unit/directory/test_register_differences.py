"""What a register file would change, on real rows of July 2025 and July 2026 and on cases made for it."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from services.directory.domain.intervals import Interval
from services.directory.domain.register_differences import Register, RegisteredTrust, compare
from services.directory.domain.register_file import RegisterRow, parse_register

FIXTURES = Path(__file__).parent / "fixtures"
TODAY = date(2026, 7, 8)
REGIONS = frozenset({"Y56", "Y58", "Y59", "Y60", "Y61", "Y62", "Y63"})
APRIL = date(2026, 4, 1)
OLD, NEW, STILL = Interval(date(2022, 7, 1), APRIL), Interval(APRIL), Interval(date(2022, 7, 1))
ICBS = {
    **dict.fromkeys(["QMJ", "QXU", "QMM", "QUE"], OLD),
    **dict.fromkeys(["Z9B2Z", "S9B9J", "T6Y0W", "S1Y5D"], NEW),
    **dict.fromkeys(["QOP", "QKK", "QKS", "QUY", "QWE"], STILL),
}
SUCCESSIONS = {("QMJ", "Z9B2Z"): APRIL, ("QXU", "S9B9J"): APRIL, ("QMM", "T6Y0W"): APRIL, ("QUE", "S1Y5D"): APRIL}


def rows_of(edition: str) -> list[RegisterRow]:
    return parse_register((FIXTURES / f"etr_excerpt_{edition}.csv").read_bytes())


def register_of(rows: Iterable[RegisterRow]) -> Register:
    trusts = {r.code: RegisteredTrust(r.code, r.name, r.region, r.icb, r.open) for r in rows if r.region in REGIONS}
    return Register(trusts, REGIONS, ICBS, SUCCESSIONS)


def trust(code: str = "RX1", *, icb: str | None = "QOP", open_: Interval = STILL) -> RegisteredTrust:
    return RegisteredTrust(code, "Anytown NHS Trust", "Y62", icb, open_)


def row(code: str = "RX1", *, icb: str | None = "QOP", open_: Interval = STILL) -> RegisterRow:
    return RegisterRow(code, "ANYTOWN NHS TRUST", "Y62", icb, open_)


def register(*trusts: RegisteredTrust) -> Register:
    return Register({t.code: t for t in trusts}, REGIONS, ICBS, SUCCESSIONS)


def test_a_year_of_real_changes_is_told_apart() -> None:
    found = compare(rows_of("2026-07"), register_of(rows_of("2025-07")), today=TODAY)

    assert [r.code for r in found.new] == ["K0N6A"]
    assert [(c.code, c.after) for c in found.renamed] == [
        ("RA2", "Royal Surrey NHS Foundation Trust"),
        ("RA7", "Bristol NHS Foundation Trust"),
        ("RY3", "East of England Community Health and Care NHS Trust"),
    ]
    assert [(c.code, c.effective_on) for c in found.closed] == [("RVJ", date(2026, 7, 1)), ("RYV", APRIL)]
    assert [c.code for c in found.outside_england] == ["RQF"]
    assert [c.code for c in found.long_closed] == ["RW6"]


def test_a_change_of_board_explained_by_a_succession_has_its_day() -> None:
    found = compare(rows_of("2026-07"), register_of(rows_of("2025-07")), today=TODAY)

    moved = {c.code: (c.before, c.after, c.effective_on) for c in found.moved}

    assert moved["G6V2S"] == ("QMJ", "Z9B2Z", APRIL)
    assert moved["RPG"] == ("QKK", "QKS", TODAY)


def test_a_succession_before_the_trust_joined_the_old_board_does_not_date_the_move() -> None:
    joined = RegisteredTrust("RX1", "Anytown NHS Trust", "Y62", "QMJ", STILL, since=date(2026, 5, 1))

    found = compare([row(icb="Z9B2Z")], register(joined), today=TODAY)

    assert [c.effective_on for c in found.moved] == [TODAY]


def test_the_same_file_twice_changes_nothing() -> None:
    rows = rows_of("2026-07")

    found = compare(rows, register_of(rows), today=TODAY)

    assert found.to_apply == 0


def test_an_organisation_missing_from_the_file_is_listed_and_not_closed() -> None:
    found = compare([row()], register(trust(), trust("TAD", icb=None)), today=TODAY)

    assert [c.code for c in found.absent] == ["TAD"]
    assert found.closed == []


def test_capitals_and_spaces_do_not_make_a_new_name() -> None:
    found = compare([row()], register(trust()), today=TODAY)

    assert (found.renamed, found.unchanged) == ([], 1)


def test_an_organisation_open_again_is_told() -> None:
    found = compare([row()], register(trust(open_=Interval(date(2022, 7, 1), APRIL))), today=TODAY)

    assert [c.code for c in found.reopened] == ["RX1"]


def test_a_board_nobody_registered_holds_the_move_back() -> None:
    found = compare([row(icb="QZZ")], register(trust()), today=TODAY)

    assert ([c.after for c in found.unknown_icb], found.moved) == (["QZZ"], [])


def test_a_board_that_has_closed_takes_no_new_trust() -> None:
    found = compare([row(icb="QMJ")], register(), today=TODAY)

    assert ([c.code for c in found.unknown_icb], found.new) == (["RX1"], [])


def test_a_trust_without_a_confirmed_board_is_placed_by_the_file() -> None:
    found = compare([row()], register(trust(icb=None)), today=TODAY)

    assert [(c.before, c.after) for c in found.moved] == [(None, "QOP")]


def test_a_closed_trust_is_not_moved_by_the_board_its_row_shows() -> None:
    over = Interval(date(2022, 7, 1), APRIL)

    found = compare([row(icb="S1Y5D", open_=over)], register(trust(icb="QUE", open_=over)), today=TODAY)

    assert (found.moved, found.unchanged) == ([], 1)


def test_a_closing_date_still_to_come_is_a_closure_known_in_advance() -> None:
    found = compare([row(open_=Interval(STILL.start, date(2027, 4, 1)))], register(trust()), today=TODAY)

    assert [(c.code, c.effective_on) for c in found.closed] == [("RX1", date(2027, 4, 1))]
