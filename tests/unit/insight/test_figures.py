"""Figures made from what was read: whom a set is about, and what is given up before a set is refused."""

from services.insight.domain.disclosure import Breakdown, Group, Hidden, Row, Snapshot
from services.insight.domain.measures import Counted, Trust, population, practice_measures, stage_measure
from services.insight.figures import Read, make_figures

LEVELS = (1, 2, 2, 2, 3, 3, 3, 3, 4, 4)


def trusts(count: int, *, region: str = "Y60", sector: str = "acute", fictional: bool = False) -> list[Trust]:
    return [Trust(f"{region}{sector}{n}", region, sector, fictional, "signed_off") for n in range(count)]


def counted(of: list[Trust], levels: tuple[int, ...] = LEVELS) -> dict[str, Counted]:
    return {trust.org_id: Counted({"p1": levels[n % len(levels)]}, 1) for n, trust in enumerate(of)}


def read(of: list[Trust], parts: dict[str, Counted], history: dict[str, list[Snapshot]] | None = None) -> Read:
    return Read(of, parts, [("p1", "Purpose")], history or {}, {}, {"Y60": "Somewhere"})


def test_real_trusts_are_the_population_where_no_made_up_one_is_counted() -> None:
    real, made_up = trusts(3), trusts(3, region="Y58", fictional=True)

    assert population(real + made_up, counted(real)) == (real, False)


def test_made_up_trusts_are_the_population_as_soon_as_one_is_counted() -> None:
    real, made_up = trusts(3), trusts(3, region="Y58", fictional=True)

    assert population(real + made_up, counted(real) | counted(made_up)) == (made_up, True)


def test_stages_are_given_for_england_alone() -> None:
    assert stage_measure(trusts(2)).breakdowns == {Breakdown.ENGLAND}
    assert all(part.region is None for part in stage_measure(trusts(2)).contributions.values())


def test_a_trust_without_a_level_for_a_practice_is_not_counted_there() -> None:
    two = trusts(2)
    parts = {two[0].org_id: Counted({"p1": 2}, 1), two[1].org_id: Counted({"p2": 3}, 1)}

    measures = practice_measures(two, parts, [("p1", "One"), ("p2", "Two")])

    assert [list(measure.contributions) for measure in measures] == [[two[0].org_id], [two[1].org_id]]


def test_regions_are_named_by_the_register() -> None:
    of = trusts(10)

    outcome = make_figures(read(of, counted(of)), as_at="2026-11-24")

    assert {cell["group_name"] for cell in outcome.cells if cell["group_code"] == "Y60"} == {"Somewhere"}


def test_sectors_are_given_up_before_a_set_is() -> None:
    """Two regions and two sectors whose rounded rows together pin the levels nobody chose: regions stay."""
    levels = (2, 3, 3, 4, 2, 3, 3, 4)
    of = [
        trust
        for region in ("Y60", "Y58")
        for sector in ("acute", "community")
        for trust in trusts(8, region=region, sector=sector)
    ]

    outcome = make_figures(read(of, counted(of, levels)), as_at="2026-11-24")
    hidden = {cell["breakdown"]: cell["hidden"] for cell in outcome.cells if cell["measure"] == "practice:p1"}

    assert outcome.verdict["passed"]
    assert hidden["sector"] == Hidden.TOO_TELLING


def test_a_history_that_says_too_much_refuses_the_set() -> None:
    of = trusts(9)
    leaked = Snapshot(
        Row(Group(Breakdown.ENGLAND, "ENG"), (0, 5, 5, 5, 0), None, "2026-10-31"), {trust.org_id: "1" for trust in of}
    )

    outcome = make_figures(
        read(of, counted(of, (2, 2, 2, 3, 3, 3, 4, 4, 4)), {"practice:p1": [leaked]}), as_at="2026-11-24"
    )

    assert not outcome.verdict["passed"]
    assert outcome.verdict["findings"][0]["measure"] == "Purpose"
