"""The disclosure rule, by example; its properties over thousands of worlds are in tests/security/disclosure."""

from collections.abc import Sequence

import pytest

from services.insight.domain.disclosure import (
    ENGLAND,
    SUPPRESSED,
    Breakdown,
    Contribution,
    Disclosure,
    Group,
    Hidden,
    Row,
    Snapshot,
    disclose,
    leaves_doubt,
    percentage,
    rounded,
)

VALUES = ("1", "2", "3", "4", "5")
NORTH = Group(Breakdown.REGION, "Y60")


def trusts(region: str | None, levels: str, *, sector: str = "acute", first: int = 0, edition: str = "1") -> dict:
    """One trust for each digit: `22334` are five trusts, two of them at level 2."""
    return {
        f"{region}-{sector}-{first + number}": Contribution(region, sector, level, edition)
        for number, level in enumerate(levels)
    }


def publish(parts: dict, history: Sequence[Snapshot] = (), as_at: str = "r1") -> Disclosure:
    return disclose(parts, VALUES, history, as_at=as_at)


def row(disclosure: Disclosure, group: Group) -> Row:
    return next(row for row in disclosure.rows if row.group == group)


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_counts_are_rounded_to_the_nearest_five(count: int, shown: int) -> None:
    assert rounded(count) == shown


def test_a_group_of_seven_has_no_number_and_says_why() -> None:
    disclosure = publish(trusts("Y60", "2233445"))

    assert row(disclosure, NORTH) == Row(NORTH, None, Hidden.FEWER_THAN_EIGHT, "r1")
    assert row(disclosure, NORTH).cells(5) == [SUPPRESSED] * 5
    assert row(disclosure, NORTH).total == SUPPRESSED


def test_a_group_of_eight_is_shown_rounded_and_its_total_is_the_sum_of_what_is_shown() -> None:
    disclosure = publish(trusts("Y60", "22233344"))

    assert row(disclosure, NORTH).counts == (0, 5, 5, 0, 0)
    assert row(disclosure, NORTH).total == 10


def test_a_row_that_one_level_holds_after_rounding_is_hidden() -> None:
    disclosure = publish(trusts("Y60", "3333333344"))

    assert row(disclosure, NORTH).hidden is Hidden.TOO_ALIKE


def test_a_row_that_can_only_be_one_truth_is_hidden() -> None:
    """Nine trusts shown as 5, 5, 5 are three, three and three, since no 5 stands for fewer than three."""
    disclosure = publish(trusts("Y60", "222333444"))

    assert not leaves_doubt(9, (0, 5, 5, 5, 0))
    assert row(disclosure, NORTH).hidden is Hidden.TOO_ALIKE


def test_a_row_that_one_of_its_trusts_could_complete_is_hidden() -> None:
    """Ten trusts shown as 5, 5, 5: the one that stands elsewhere knows that the other nine are three, three, three."""
    disclosure = publish(trusts("Y60", "2223334441"))

    assert row(disclosure, NORTH).hidden is Hidden.TOO_ALIKE


def test_a_withheld_breakdown_repeats_its_last_row_and_shows_no_new_one() -> None:
    before = trusts("Y60", "2223334455")
    first = publish(before)
    after = before | trusts("Y60", "55555555", first=10) | trusts("Y58", "22233344")

    second = disclose(after, VALUES, first.new, as_at="r2", withheld=[Breakdown.REGION])

    assert row(second, NORTH) == row(first, NORTH)
    assert row(second, Group(Breakdown.REGION, "Y58")).hidden is Hidden.TOO_TELLING
    assert row(second, ENGLAND).as_at == "r2"


def test_a_row_in_which_everything_rounds_to_nothing_is_hidden() -> None:
    disclosure = publish(trusts("Y60", "1122334455"))

    assert row(disclosure, NORTH).hidden is Hidden.TOO_ALIKE


def test_a_region_that_is_nearly_all_of_england_is_not_shown_beside_it() -> None:
    parts = trusts("Y60", "22333444") | trusts("Y58", "555", sector="community")

    disclosure = publish(parts)

    assert row(disclosure, ENGLAND).counts == (0, 0, 5, 5, 5)
    assert row(disclosure, NORTH).hidden is Hidden.TOO_CLOSE


def test_a_region_and_a_sector_with_the_same_trusts_show_the_same_numbers() -> None:
    parts = trusts("Y60", "22233344") | trusts("Y58", "33344455", sector="community")

    disclosure = publish(parts)

    assert row(disclosure, NORTH).counts == row(disclosure, Group(Breakdown.SECTOR, "acute")).counts == (0, 5, 5, 0, 0)


def test_seven_more_trusts_do_not_change_what_is_shown() -> None:
    before = trusts("Y60", "2223334455")
    first = publish(before)

    second = publish(before | trusts("Y60", "5555555", first=10), first.new, as_at="r2")

    assert row(second, NORTH) == row(first, NORTH)
    assert row(second, NORTH).as_at == "r1"
    assert second.new == ()


def test_eight_more_trusts_make_a_new_snapshot() -> None:
    before = trusts("Y60", "2223334455")
    first = publish(before)

    second = publish(before | trusts("Y60", "55555555", first=10), first.new, as_at="r2")

    assert row(second, NORTH).counts == (0, 5, 5, 0, 10)
    assert row(second, NORTH).as_at == "r2"


def test_trusts_with_a_new_level_count_as_changed() -> None:
    first = publish(trusts("Y60", "222333444"[:8] + "55"))

    second = publish(trusts("Y60", "5553335555", edition="2"), first.new, as_at="r2")

    assert row(second, NORTH).as_at == "r2"


def test_a_set_close_to_an_older_one_repeats_the_last_one() -> None:
    """Eight join and eight leave again, one of them another: compared with the first set, two trusts differ."""
    before = trusts("Y60", "2223334455")
    joined = before | trusts("Y60", "55555555", first=10)
    first = publish(before)
    second = publish(joined, first.new, as_at="r2")
    swapped = dict(list(before.items())[1:]) | trusts("Y60", "1", first=30)

    third = publish(swapped, [*first.new, *second.new], as_at="r3")

    assert row(third, NORTH).as_at == "r2"


def test_a_group_that_fell_under_eight_has_no_number_any_more() -> None:
    first = publish(trusts("Y60", "22233344"))

    second = publish(trusts("Y60", "2223334"), first.new, as_at="r2")

    assert row(second, NORTH).hidden is Hidden.FEWER_THAN_EIGHT


def test_a_hidden_row_stays_hidden_while_few_trusts_change() -> None:
    alike = trusts("Y60", "3333333344")
    first = publish(alike)

    second = publish(alike | trusts("Y60", "4", first=10), first.new, as_at="r2")

    assert row(second, NORTH).hidden is Hidden.TOO_ALIKE
    assert row(second, NORTH).as_at == "r1"


def test_a_trust_without_region_counts_for_england_alone() -> None:
    parts = trusts("Y60", "22233344") | trusts(None, "33344455", sector="community")

    disclosure = publish(parts)

    assert {shown.group.code for shown in disclosure.rows} == {"ENG", "Y60", "acute", "community"}


def test_a_group_without_contributions_is_reported_as_hidden() -> None:
    disclosure = disclose({}, VALUES, (), as_at="r1", groups=[NORTH])

    assert [(shown.group, shown.hidden) for shown in disclosure.rows] == [
        (ENGLAND, Hidden.FEWER_THAN_EIGHT),
        (NORTH, Hidden.FEWER_THAN_EIGHT),
    ]


def test_a_value_outside_the_measure_is_refused() -> None:
    with pytest.raises(ValueError, match="6"):
        publish(trusts("Y60", "2223336"))


@pytest.mark.parametrize(
    ("count", "total", "share"),
    [(5, 10, 50), (5, 15, 33), (10, 15, 67), (5, 40, 13), (0, 10, 0), (0, 0, SUPPRESSED), (SUPPRESSED, 10, SUPPRESSED)],
)
def test_percentages_come_from_rounded_numbers_without_decimals(
    count: int | str, total: int | str, share: int | str
) -> None:
    assert percentage(count, total) == share
