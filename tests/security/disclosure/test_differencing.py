"""D3 and D4: subtracting two published rows, or two releases, shows no trust."""

import itertools
import math
import random
from collections import Counter
from collections.abc import Mapping

import pytest
from disclosure_worlds import LEVELS, World, make_world

from services.insight.domain.disclosure import Contribution, Row, Snapshot, belongs, disclose, distance


def play(worlds: list[World]) -> list[tuple[World, tuple[Row, ...]]]:
    """Release each world after the others; return what was shown, with the world that it was shown of."""
    history: list[Snapshot] = []
    shown = []
    for number, world in enumerate(worlds):
        disclosure = disclose(world, LEVELS, history, as_at=f"r{number}")
        history += disclosure.new
        shown.append((world, disclosure.rows))
    return shown


def growing(world: World, *, step: int, seed: int, stop: int | None = None) -> list[World]:
    """Trusts join in random order, `step` between two releases; now and then one changes its level or stops."""
    dice = random.Random(seed)
    order = dice.sample(sorted(world), len(world))
    current: dict[str, Contribution] = {}
    releases: list[World] = []
    for number, org in enumerate(order[:stop], start=1):
        current[org] = world[org]
        if number % 7 == 0:
            changed = dice.choice(sorted(current))
            old = current[changed]
            current[changed] = Contribution(old.region, old.sector, dice.choice(LEVELS), f"{number}")
        if number % 11 == 0:
            del current[dice.choice(sorted(current))]
        if number % step == 0:
            releases.append(dict(current))
    return releases


def assert_no_pair_differs_by_a_few(shown: list[tuple[World, tuple[Row, ...]]]) -> int:
    """Compare every two rows anybody can ask for, across groups and releases; return how many pairs there were."""
    by_label = {f"r{number}": world for number, (world, _) in enumerate(shown)}
    answers = [row for _, rows in shown for row in rows if row.counts is not None]
    pairs = 0
    for one, other in itertools.combinations(dict.fromkeys(answers), 2):
        pairs += 1
        gap = distance(members(by_label[one.as_at], one), members(by_label[other.as_at], other))
        assert gap == 0 or gap >= 8 or one.counts == other.counts, (one, other, gap)
    return pairs


def members(world: World, row: Row) -> Mapping[str, str]:
    return {org: part.edition for org, part in world.items() if belongs(part, row.group)}


@pytest.mark.parametrize("share", [0.08, 0.15, 0.5, 1.0])
def test_no_two_queries_of_one_release_differ_by_a_few_trusts(share: float) -> None:
    for seed in range(12):
        assert_no_pair_differs_by_a_few(play([make_world(seed, share=share)]))


@pytest.mark.parametrize("step", [1, 3, 10])
def test_no_two_queries_across_releases_differ_by_a_few_trusts(step: int) -> None:
    shown = play(growing(make_world(5), step=step, seed=step))

    assert assert_no_pair_differs_by_a_few(shown) > 100


def guesses(shown: list[tuple[World, tuple[Row, ...]]]) -> list[tuple[str, str]]:
    """Guess the level of each trust that joined between two releases: the level whose shown count rose most."""
    found = []
    for (before, rows_before), (after, rows_after) in itertools.pairwise(shown):
        joined = [org for org in after if org not in before]
        old = {row.group: row.counts for row in rows_before}
        for org in joined:
            rises = Counter[str]()
            for row in rows_after:
                if belongs(after[org], row.group) and row.counts and old[row.group]:
                    rises.update(
                        {lv: new - was for lv, new, was in zip(LEVELS, row.counts, old[row.group], strict=True)}
                    )
            best = [level for level in LEVELS if rises[level] == max(rises.values(), default=0) > 0]
            if len(best) == 1:
                found.append((best[0], after[org].value))
    return found


def binomial_tail(hits: int, tries: int, chance: float) -> float:
    """The likelihood of at least `hits` out of `tries` by chance alone."""
    return sum(math.comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(hits, tries + 1))


def share_of_the_commonest(world: World, *, among: int = 8, draws: int = 2_000) -> float:
    """How often the commonest level among so many trusts drawn at random is the level of one of them.

    A group of 8 may be shown as a group, so whoever is known to be in it can be guessed that well, whatever we do.
    """
    dice = random.Random(1)
    levels = [part.value for part in world.values()]
    return sum(max(Counter(dice.sample(levels, among)).values()) for _ in range(draws)) / (among * draws)


def assert_guesses_are_no_better_than_chance(world: World, shown: list[tuple[World, tuple[Row, ...]]]) -> None:
    found = guesses(shown)
    likeliest = max(Counter(part.value for part in world.values()).values()) / len(world)
    hits = sum(guess == truth for guess, truth in found)
    assert binomial_tail(hits, len(found), likeliest) > 0.01, (hits, len(found), likeliest)


def one_at_a_time(world: World, seed: int) -> list[World]:
    order = random.Random(seed).sample(sorted(world), len(world))
    return [{org: world[org] for org in order[:count]} for count in range(1, len(order) + 1)]


@pytest.mark.parametrize("seed", range(2))
def test_watching_trusts_join_one_at_a_time_teaches_nothing(seed: int) -> None:
    world = make_world(seed, spread="alike")

    assert_guesses_are_no_better_than_chance(world, play(one_at_a_time(world, seed)))


@pytest.mark.long
@pytest.mark.parametrize("spread", ["even", "alike", "very alike"])
def test_watching_many_worlds_grow_teaches_no_more_than_the_group_of_newcomers_shows(spread: str) -> None:
    hits = tries = 0
    shares = []
    for seed in range(10):
        world = make_world(100 + seed, spread=spread)
        found = guesses(play(one_at_a_time(world, seed)))
        hits, tries = hits + sum(guess == truth for guess, truth in found), tries + len(found)
        shares.append(share_of_the_commonest(world))

    assert binomial_tail(hits, tries, sum(shares) / len(shares)) > 0.01, (hits, tries, shares)


def test_the_attack_would_work_on_exact_counts() -> None:
    """The guessing above can win: with exact counts at every release it names each newcomer's level."""
    world = {f"T{n:03}": Contribution("Y60", "acute", LEVELS[n * 7 % 5], "1") for n in range(60)}
    shown = []
    for current in one_at_a_time(world, 1):
        tally = Counter(part.value for part in current.values())
        row = disclose(current, LEVELS, (), as_at="r").rows[0]
        shown.append((current, (Row(row.group, tuple(tally[level] for level in LEVELS), None, "r"),)))

    found = guesses(shown)

    assert len(found) == 59
    assert all(guess == truth for guess, truth in found)
