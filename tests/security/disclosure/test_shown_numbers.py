"""D1 and D8: no shown number breaks the rule, in thousands of random worlds; and enough is shown to be of use."""

import random
from collections import Counter

import pytest
from disclosure_worlds import LEVELS, World, make_world
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.insight.domain.disclosure import Contribution, Group, belongs, disclose

trust = st.tuples(
    st.sampled_from([None, "Y56", "Y58", "Y60"]), st.sampled_from([None, "acute", "community"]), st.sampled_from(LEVELS)
)
some_trusts = st.lists(trust, max_size=60)


def as_world(drawn: list[tuple[str | None, str | None, str]]) -> World:
    return {f"T{number}": Contribution(*parts, "1") for number, parts in enumerate(drawn)}


def assert_nothing_breaks_the_rule(world: World) -> None:
    for row in disclose(world, LEVELS, (), as_at="r1").rows:
        cells = row.cells(len(LEVELS))
        assert all(cell == "suppressed" or (isinstance(cell, int) and cell % 5 == 0) for cell in cells)
        assert len({type(cell) for cell in cells}) == 1, "a row is shown whole or hidden whole"
        if sum(belongs(part, row.group) for part in world.values()) < 8:
            assert set(cells) == {"suppressed"}
        elif row.counts is not None:
            assert sum(count > 0 for count in row.counts) > 1
            assert row.total == sum(row.counts)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some_trusts)
def test_every_number_is_a_multiple_of_five_and_no_small_group_has_any(
    drawn: list[tuple[str | None, str | None, str]],
) -> None:
    assert_nothing_breaks_the_rule(as_world(drawn))


def test_ten_thousand_random_worlds_break_the_rule_nowhere() -> None:
    dice = random.Random(8)
    for _ in range(10_000):
        weights = [dice.random() ** 3 for _ in LEVELS]
        drawn = [
            (dice.choice([None, "Y56", "Y58", "Y60"]), dice.choice([None, "acute"]), dice.choices(LEVELS, weights)[0])
            for _ in range(dice.randrange(30))
        ]
        assert_nothing_breaks_the_rule(as_world(drawn))


@pytest.mark.parametrize("spread", ["even", "alike"])
def test_the_rule_hides_little_when_all_trusts_are_counted(spread: str) -> None:
    shown = expected = 0
    for seed in range(20):
        world = make_world(seed, spread=spread)
        for row in disclose(world, LEVELS, (), as_at="r1").rows:
            members = [part for part in world.values() if belongs(part, row.group)]
            if len(members) < 8:
                continue
            expected += 1
            if row.counts is None:
                continue
            shown += 1
            truth = Counter(part.value for part in members)
            assert all(abs(truth[level] - count) <= 2.5 for level, count in zip(LEVELS, row.counts, strict=True))

    assert shown >= 0.9 * expected


def test_groups_are_decided_in_an_order_that_the_input_cannot_change() -> None:
    world = make_world(1, share=0.2)
    shuffled = dict(random.Random(2).sample(list(world.items()), len(world)))

    assert disclose(shuffled, LEVELS, (), as_at="r1").rows == disclose(world, LEVELS, (), as_at="r1").rows


def test_no_group_is_asked_for_by_two_filters() -> None:
    """The rule knows England, one region or one sector: there is no way to say region and sector together."""
    assert Group.__slots__ == ("breakdown", "code")
