"""A made-up nation of the size of England's: ICBs, trusts, boards, years of self-assessments. Every name is made up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import psycopg
import yaml
from sqlalchemy import Boolean, Connection, Date, DateTime, Engine, Integer, Table, Text, create_engine, insert

from services.assessment.commands.question_sets import FILES
from services.assessment.domain.question_sets import QuestionSet, parse
from shared.ids import new_id
from shared.mechanism import known_membership, known_organisation, known_tenancy
from shared.testing.world import LONG_AGO, Person

REGIONS = ("Y56", "Y58", "Y59", "Y60", "Y61", "Y62", "Y63")
SECTORS = ("acute", "mental-health", "community", "ambulance", "specialist")
QUESTION_SET = "trust-2026-1"
CHUNK = 5_000
NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Size:
    """How large the nation is. The first ICB has `largest` trusts; the others share the rest."""

    icbs: int = 36
    trusts: int = 202
    largest: int = 14
    board: int = 12
    years: int = 3
    long_history: int = 200


SMALL = Size(icbs=2, trusts=6, largest=3, board=6, years=2, long_history=3)


@dataclass(frozen=True)
class Trust:
    """One trust with its board; the first person leads improvement, the second chairs."""

    code: str
    tenant: str
    region: str
    sector: str
    people: tuple[str, ...]
    open_round: UUID = field(default_factory=new_id)

    def member(self, number: int) -> Person:
        """Somebody of the board who answers."""
        return Person(self.people[2 + number], self.tenant, self.code, frozenset({"board-member"}))

    @property
    def lead(self) -> Person:
        """The improvement lead."""
        return Person(self.people[0], self.tenant, self.code, frozenset({"improvement-lead"}))

    @property
    def chair(self) -> Person:
        """The chair."""
        return Person(self.people[1], self.tenant, self.code, frozenset({"chair"}))


@dataclass(frozen=True)
class Nation:
    """Everybody and everything, the same in every service's database."""

    size: Size

    @cached_property
    def icbs(self) -> tuple[str, ...]:
        """Codes of the ICBs."""
        return tuple(f"XB{number:03d}" for number in range(self.size.icbs))

    @cached_property
    def trusts(self) -> tuple[Trust, ...]:
        """Every trust, the largest ICB's first."""
        return tuple(
            Trust(
                code=f"XT{number:04d}",
                tenant=self.icbs[0 if number < self.size.largest else 1 + number % (self.size.icbs - 1)],
                region=REGIONS[number % len(REGIONS)],
                sector=SECTORS[number % len(SECTORS)],
                people=tuple(str(new_id()) for _ in range(self.size.board + 2)),
            )
            for number in range(self.size.trusts)
        )

    @cached_property
    def icb_lead(self) -> Person:
        """The lead of the largest ICB."""
        return Person(str(new_id()), self.icbs[0], self.icbs[0], frozenset({"icb-lead"}))

    @cached_property
    def analyst(self) -> Person:
        """The national analyst."""
        return Person(str(new_id()), "NATIONAL", "NATIONAL", frozenset({"national-analyst"}))

    @cached_property
    def questions(self) -> QuestionSet:
        """The question set that every trust answers."""
        return parse(yaml.safe_load((FILES / f"{QUESTION_SET}.yaml").read_text(encoding="utf-8")))


def engine_of(superuser_url: str, service: str) -> Engine:
    """An engine that no row policy holds back, for loading data only."""
    url = superuser_url.replace("postgresql://", "postgresql+psycopg://")
    return create_engine(url, connect_args={"options": f"-c search_path={service}"})


def put(connection: Connection, table: Table, rows: Iterator[Mapping[str, Any]]) -> None:
    """Insert rows; a column that a row leaves out and that must not be null gets the empty value of its type."""
    empty = _empty_values(table)
    chunk: list[Mapping[str, Any]] = []
    for row in rows:
        chunk.append({**empty, **row})
        if len(chunk) == CHUNK:
            connection.execute(insert(table), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(table), chunk)


def _empty_values(table: Table) -> dict[str, Any]:
    values: Mapping[type, Any] = {Text: "", Boolean: False, Integer: 0, Date: date(2026, 1, 1), DateTime: NOW}
    needed = [column for column in table.c if not column.nullable and column.server_default is None]
    return {
        column.name: empty
        for column in needed
        if column.identity is None
        for kind, empty in values.items()
        if isinstance(column.type, kind)
    }


def load_register(connection: Connection, nation: Nation) -> None:
    """What every service knows of the register: organisations, their ICBs, who holds which role."""
    codes = [(code, code, "icb", None, None) for code in nation.icbs]
    codes += [(each.code, each.tenant, "trust", each.region, each.sector) for each in nation.trusts]
    codes += [("NATIONAL", "NATIONAL", "national", None, None)]
    organisations = [
        {"org_id": code, "name": f"{code} (fictional)", "kind": kind, "region": region, "sector": sector}
        for code, _, kind, region, sector in codes
    ]
    put(connection, known_organisation, (row | {"fictional": True} for row in organisations))
    put(
        connection,
        known_tenancy,
        ({"org_id": code, "tenant_id": tenant, "valid_from": LONG_AGO} for code, tenant, *_ in codes),
    )
    put(connection, known_membership, _memberships(nation))


def _memberships(nation: Nation) -> Iterator[dict[str, Any]]:
    people = [nation.icb_lead, nation.analyst]
    for trust in nation.trusts:
        people += [trust.lead, trust.chair, *(trust.member(number) for number in range(nation.size.board))]
    for person in people:
        for role in person.roles:
            yield {"person_id": person.person_id, "org_id": person.org_id, "role": role, "valid_from": LONG_AGO}


def days_ago(days: float) -> datetime:
    """An instant so many days before the load."""
    return NOW - timedelta(days=days)


def analyse(superuser_url: str) -> None:
    """Let the planner know what was loaded, as it would after years."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
