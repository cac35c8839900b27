"""D2 and D5: a reader who keeps everything published cannot work out one count, not even with a trust's help."""

from collections import Counter

import pytest
from disclosure_worlds import LEVELS, SPREADS, World, make_world

from services.insight.auditor import Verdict, audit
from services.insight.domain.disclosure import (
    ENGLAND,
    Breakdown,
    Contribution,
    Group,
    Hidden,
    Row,
    Snapshot,
    disclose,
)


def attacked(worlds: list[World], *, insiders: bool = False) -> Verdict:
    """Release the worlds one after the other, then attack all that was shown."""
    history: list[Snapshot] = []
    for number, world in enumerate(worlds):
        history += disclose(world, LEVELS, history, as_at=f"r{number}").new
    places = {org: (part.region, part.sector) for world in worlds for org, part in world.items()}
    helpers = {org: part.value for org, part in worlds[-1].items()} if insiders else {}
    return audit(history, places, LEVELS, insiders=helpers)


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("seed", range(6))
def test_no_count_can_be_worked_out(seed: int, spread: str) -> None:
    verdict = attacked([make_world(seed, spread=spread)])

    assert verdict.findings == ()
    assert verdict.unknowns == 33 * 5


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_no_count_can_be_worked_out_while_few_contribute(share: float) -> None:
    assert all(attacked([make_world(seed, share=share)]).passed for seed in range(5))


@pytest.mark.long
@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("seed", range(50))
def test_no_count_can_be_worked_out_in_fifty_worlds(seed: int, spread: str) -> None:
    assert attacked([make_world(1000 + seed, spread=spread)]).findings == ()


@pytest.mark.parametrize("seed", range(2))
def test_no_count_can_be_worked_out_with_the_help_of_any_trust(seed: int) -> None:
    verdict = attacked([make_world(seed, spread="alike")], insiders=True)

    assert verdict.findings == ()
    assert verdict.insiders > 70


@pytest.mark.long
@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("seed", range(17))
def test_no_count_can_be_worked_out_by_insiders_of_fifty_worlds(seed: int, spread: str) -> None:
    assert attacked([make_world(2000 + seed, spread=spread)], insiders=True).findings == ()


def growing(seed: int, *, releases: int) -> list[World]:
    """Trusts join in the order of their number over several releases; between two releases eight change level."""
    full, other = make_world(seed, spread="alike"), make_world(seed + 1, spread="alike")
    order = sorted(full, key=lambda org: (int(org[1:]) * 37) % 199)
    worlds = []
    for number in range(1, releases + 1):
        joined = order[: 199 * number // releases]
        world = {org: full[org] for org in joined}
        for org in joined[: 8 * (number - 1)]:
            world[org] = Contribution(full[org].region, full[org].sector, other[org].value, "2")
        worlds.append(world)
    return worlds


def test_no_count_can_be_worked_out_from_two_releases() -> None:
    assert attacked(growing(1, releases=2)).findings == ()


@pytest.mark.long
def test_no_count_can_be_worked_out_from_a_year_of_quarterly_releases() -> None:
    assert attacked(growing(1, releases=4)).findings == ()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_count_can_be_worked_out_from_a_year_of_monthly_releases() -> None:
    assert attacked(growing(1, releases=12)).findings == ()


def as_published(world: World, groups: list[Group], *, exact: bool) -> list[Snapshot]:
    """Publish rows past the rule: to see that the auditor finds what leaks."""
    found = []
    for group in groups:
        of_group = {o: p for o, p in world.items() if group.code in ("ENG", p.region, p.sector)}
        tally = Counter(part.value for part in of_group.values())
        counts = tuple(tally[level] if exact else 5 * ((2 * tally[level] + 5) // 10) for level in LEVELS)
        found.append(Snapshot(Row(group, counts, None, "r"), {org: part.edition for org, part in of_group.items()}))
    return found


def small_world(levels: str, *, region: str = "Y60", sector: str = "acute") -> World:
    return {f"{region}{sector}{i}": Contribution(region, sector, level, "1") for i, level in enumerate(levels)}


def findings(world: World, snapshots: list[Snapshot], *, insiders: bool = False) -> Verdict:
    helpers = {org: part.value for org, part in world.items()} if insiders else {}
    return audit(snapshots, {o: (p.region, p.sector) for o, p in world.items()}, LEVELS, insiders=helpers)


def test_the_auditor_finds_three_threes_in_nine() -> None:
    world = small_world("222333444")

    verdict = findings(world, as_published(world, [ENGLAND], exact=False))

    assert not verdict.passed
    assert {finding.value for finding in verdict.findings} == set(LEVELS)
    assert {finding.trusts for finding in verdict.findings} == {9}


def test_the_auditor_finds_what_only_an_insider_can_work_out() -> None:
    """Ten trusts, shown as 5 and 10: with nine there would be no doubt at level 4; the tenth tells its level 5."""
    world = small_world("2223333333") | small_world("5", region="Y58")
    snapshots = as_published(world, [ENGLAND], exact=False)

    alone, helped = findings(world, snapshots), findings(world, snapshots, insiders=True)

    assert alone.passed
    assert helped.insiders >= 2
    assert len(helped.findings) >= len(alone.findings)


def test_the_auditor_finds_a_newcomer_between_two_releases() -> None:
    """Shown past the rule: eight, then nine of the same group; the set that was all 5, 5 becomes 5, 5, 5."""
    before, after = small_world("22233344"), small_world("222333444")

    snapshots = as_published(before, [ENGLAND], exact=False) + as_published(after, [ENGLAND], exact=False)
    verdict = findings(after, snapshots)

    newcomer = [finding for finding in verdict.findings if finding.trusts == 1]
    assert {finding.value for finding in newcomer} == set(LEVELS)


def test_a_row_hidden_as_alike_may_be_known_to_be_alike() -> None:
    """Ten trusts, all but one known from the sector beside: hidden rows count as knowledge too."""
    world = small_world("3333333344")

    snapshots = [
        Snapshot(Row(ENGLAND, None, Hidden.TOO_ALIKE, "r"), {org: part.edition for org, part in world.items()}),
    ]

    assert findings(world, snapshots).passed


def test_an_impossible_publication_is_refused() -> None:
    world = small_world("22233344")
    wrong = Snapshot(Row(ENGLAND, (50, 50, 0, 0, 0), None, "r"), {org: part.edition for org, part in world.items()})

    assert not findings(world, [wrong]).passed


def test_nothing_published_has_nothing_to_find() -> None:
    assert audit([], {}, LEVELS, insiders={}).passed


def test_a_verdict_is_the_same_each_time() -> None:
    world = small_world("222333444")
    snapshots = as_published(world, [ENGLAND, Group(Breakdown.REGION, "Y60")], exact=False)

    assert findings(world, snapshots) == findings(world, snapshots)
