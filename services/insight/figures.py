"""Makes a set of figures out of what was read: the rule, then the audit, and the rows to keep if it passes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.insight.auditor import Verdict, audit
from services.insight.domain.disclosure import ENGLAND, Breakdown, Disclosure, Group, Row, Snapshot, disclose
from services.insight.domain.measures import (
    SECTORS,
    Counted,
    Measure,
    Trust,
    population,
    practice_measures,
    stage_measure,
)
from services.insight.puzzle import Place

GIVEN_UP_IN_TURN: Final = (
    (),
    (Breakdown.SECTOR,),
    (Breakdown.SECTOR, Breakdown.REGION),
    (Breakdown.SECTOR, Breakdown.REGION, Breakdown.ENGLAND),
)


@dataclass(frozen=True, slots=True)
class Read:
    """All that a set is made from, read in one transaction.

    `history` holds every snapshot ever shown, by measure, oldest first; `places` the region and sector of the trusts in
    them; `region_names` the register's names.
    """

    trusts: Sequence[Trust]
    counted: Mapping[str, Counted]
    practices: Sequence[tuple[str, str]]
    history: Mapping[str, Sequence[Snapshot]]
    places: Mapping[str, Place]
    region_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A set as it would be published, its new snapshots, and what the audit says."""

    fictional: bool
    measures: list[dict[str, Any]]
    cells: list[dict[str, Any]]
    snapshots: list[dict[str, Any]]
    verdict: dict[str, Any]


@dataclass(slots=True)
class _Making:
    read: Read
    as_at: str
    places: dict[str, Place]
    groups: list[Group]
    measures: list[dict[str, Any]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    unknowns: int = 0
    insiders: int = 0


def make_figures(read: Read, *, as_at: str) -> Outcome:
    """Return the set as at a day, audited together with everything shown before it."""
    trusts, fictional = population(read.trusts, read.counted)
    places = dict(read.places) | {trust.org_id: (trust.region, trust.sector) for trust in trusts}
    making = _Making(read, as_at, places, _groups(trusts))
    for measure in [stage_measure(trusts), *practice_measures(trusts, read.counted, read.practices)]:
        _add_measure(making, measure)
    return Outcome(fictional, making.measures, making.cells, making.snapshots, _verdict(making))


def _groups(trusts: Sequence[Trust]) -> list[Group]:
    regions = {Group(Breakdown.REGION, trust.region) for trust in trusts if trust.region}
    sectors = {Group(Breakdown.SECTOR, trust.sector) for trust in trusts if trust.sector}
    return sorted(regions | sectors)


def _add_measure(making: _Making, measure: Measure) -> None:
    disclosure, verdict = _most_that_passes(making, measure)
    making.unknowns += verdict.unknowns
    making.insiders += verdict.insiders
    making.findings += _findings(measure, verdict)
    titles = [{"code": code, "title": title} for code, title in measure.values.items()]
    making.measures.append(
        {"code": measure.code, "title": measure.title, "definition": measure.definition, "values": titles}
    )
    _keep(making, measure, disclosure)


def _most_that_passes(making: _Making, measure: Measure) -> tuple[Disclosure, Verdict]:
    """Return the fullest disclosure that the auditor cannot undo: sectors are given up first, then regions, then all.

    If even that fails, the sets shown before say too much together, and the verdict refuses the set.
    """
    history = making.read.history.get(measure.code, ())
    values = list(measure.values)
    present = {org: part.value for org, part in measure.contributions.items()}
    for withheld in GIVEN_UP_IN_TURN:
        disclosure = disclose(
            measure.contributions,
            values,
            history,
            as_at=making.as_at,
            groups=[group for group in making.groups if group.breakdown in measure.breakdowns],
            withheld=withheld,
        )
        verdict = audit([*history, *disclosure.new], making.places, values, insiders=present)
        if verdict.passed:
            break
    return disclosure, verdict


def _keep(making: _Making, measure: Measure, disclosure: Disclosure) -> None:
    for row in disclosure.rows:
        making.cells += _cells(making, measure, row)
    for number, snapshot in enumerate(disclosure.new):
        making.snapshots.append(_snapshot(making, measure, number, snapshot))


def _cells(making: _Making, measure: Measure, row: Row) -> list[dict[str, Any]]:
    about = {
        "measure": measure.code,
        "breakdown": row.group.breakdown.value,
        "group_code": row.group.code,
        "group_name": _name(making, row.group),
        "hidden": row.hidden.value if row.hidden else None,
        "as_at": row.as_at,
    }
    shown = row.cells(len(measure.values))
    return [
        about | {"value": value, "position": position, "shown": str(shown[position])}
        for position, value in enumerate(measure.values)
    ]


def _name(making: _Making, group: Group) -> str:
    if group == ENGLAND:
        return "England"
    names = making.read.region_names if group.breakdown is Breakdown.REGION else SECTORS
    return names.get(group.code, group.code)


def _snapshot(making: _Making, measure: Measure, number: int, snapshot: Snapshot) -> dict[str, Any]:
    row = snapshot.row
    return {
        "measure": measure.code,
        "breakdown": row.group.breakdown.value,
        "group_code": row.group.code,
        "number": number,
        "counts": list(row.counts) if row.counts is not None else None,
        "hidden": row.hidden.value if row.hidden else None,
        "as_at": row.as_at,
        "members": {org: [edition, *making.places[org]] for org, edition in snapshot.members.items()},
    }


def _findings(measure: Measure, verdict: Verdict) -> list[dict[str, Any]]:
    """Say where a count could be worked out, without saying it."""
    return [
        {
            "measure": measure.title,
            "region": finding.region,
            "sector": finding.sector,
            "value": measure.values[finding.value],
            "insider": finding.insider,
        }
        for finding in verdict.findings
    ]


def _verdict(making: _Making) -> dict[str, Any]:
    hidden = sum(cell["hidden"] is not None for cell in making.cells)
    return {
        "passed": not making.findings,
        "unknowns": making.unknowns,
        "insiders": making.insiders,
        "findings": making.findings,
        "cells_shown": len(making.cells) - hidden,
        "cells_hidden": hidden,
    }
