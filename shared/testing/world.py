"""Tenants, organisations and people made up for one test, with codes of their own.

Tests commit for real (a unit of work that forgot its tenant saw the previous one's inside a savepoint), and never
clean up: each test's rows belong to codes that no other test knows.
"""

import random
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert

from shared.database import Database, UnitOfWork
from shared.ids import new_id
from shared.mechanism import known_membership, known_organisation, known_tenancy
from shared.principal import NATIONAL_TENANT, Principal, Scope

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
UNSEEDED = random.SystemRandom()
"""Property tests seed the ordinary generator, and would be given the same codes again."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody acting for one organisation with some roles."""

    person_id: str
    tenant_id: str
    org_id: str
    roles: frozenset[str]

    def principal(self) -> Principal:
        """Return the principal this person's token gives."""
        scope = Scope.TENANT if self.org_id == self.tenant_id else Scope.ORG
        if self.org_id == NATIONAL_TENANT:
            scope = Scope.NATIONAL
        return Principal(self.person_id, self.tenant_id, self.org_id, self.roles, scope, acr="strong")


def _code() -> str:
    return "".join(UNSEEDED.choices(string.ascii_uppercase + string.digits, k=7))


@dataclass
class World:
    """What one service knows of the register in one test."""

    database: Database
    tenants: list[str] = field(default_factory=list)

    def _write(self, statements: list[Any]) -> None:
        with UnitOfWork(self.database, Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            for statement in statements:
                uow.session.execute(statement)
            uow.commit()

    def _organisation(self, code: str, tenant_id: str, kind: str, **facts: Any) -> None:
        row = {"org_id": code, "name": f"{code} (fictional)", "kind": kind, "fictional": True} | facts
        tenancy = {"org_id": code, "tenant_id": tenant_id, "valid_from": LONG_AGO, "valid_to": None}
        self._write([insert(known_organisation).values(row), insert(known_tenancy).values(tenancy)])

    def tenant(self, *, region: str = "Y60") -> str:
        """Make an ICB and return its code, which is the tenant's."""
        code = _code()
        self._organisation(code, code, "icb", region=region)
        self.tenants.append(code)
        return code

    def trust(self, tenant: str | None = None, *, sector: str = "acute", region: str = "Y60") -> str:
        """Make a trust (in a tenant of its own unless one is given) and return its code."""
        code = _code()
        self._organisation(code, tenant or self.tenant(), "trust", sector=sector, region=region)
        return code

    def place(self, tenant: str) -> str:
        """Make a place of an ICB and return its code."""
        code = _code()
        self._organisation(code, tenant, "place", region="Y60")
        return code

    def national_body(self) -> str:
        """Make the body that the national team works for, an organisation like any other, and return its code."""
        code = _code()
        self._organisation(code, NATIONAL_TENANT, "national")
        return code

    def tenant_of(self, org_id: str) -> str:
        """Return the tenant an organisation of this world belongs to."""
        with UnitOfWork(self.database, Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            query = known_tenancy.select().where(known_tenancy.c.org_id == org_id, known_tenancy.c.valid_to.is_(None))
            return str(uow.session.execute(query).one().tenant_id)

    def person(self, org_id: str, *roles: str, person_id: str | None = None) -> Person:
        """Give a person (a new one unless named) roles in an organisation."""
        person_id = person_id or str(new_id())
        rows = [{"person_id": person_id, "org_id": org_id, "role": role, "valid_from": LONG_AGO} for role in roles]
        self._write([insert(known_membership).values(rows)])
        return Person(person_id, self.tenant_of(org_id), org_id, frozenset(roles))

    def national(self, *roles: str) -> Person:
        """Make a person of the national team with realm roles."""
        with UnitOfWork(self.database, Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            known = uow.session.execute(
                known_organisation.select().where(known_organisation.c.org_id == NATIONAL_TENANT)
            ).first()
        if known is None:
            self._organisation(NATIONAL_TENANT, NATIONAL_TENANT, "national")
        return self.person(NATIONAL_TENANT, *roles)
