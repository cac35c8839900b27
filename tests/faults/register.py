"""The register as a national administrator keeps it: directory's own commands, in a process of the tests' own.

Only appointments are told without being made: nobody signs in at a real issuer here, so nobody needs an account.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from services.directory import events
from services.directory.commands.entries import close_by_hand
from services.directory.commands.first_start import NATIONAL_BODY
from services.directory.commands.moves import move_organisation
from services.directory.commands.register import Entry, register_organisation
from shared import outbox
from shared.clock import local_day
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.outbox import Event
from shared.principal import NATIONAL_TENANT, Principal, Scope
from tests.faults.rig import Rig

BOARD = 5
REGION = "Y60"
LONG_AGO = date(2020, 4, 1)
FIRST_MOVE = timedelta(days=300)
"""How long ago a trust's first move took effect; each further one a day later, for no two have the same day."""


@dataclass
class Trust:
    """One trust with a lead, a board, a plan to add actions to and a self-assessment to answer."""

    tenant: str
    code: str
    lead: str = field(default_factory=lambda: str(new_id()))
    board: list[str] = field(default_factory=lambda: [str(new_id()) for _ in range(BOARD)])
    plan: str = ""
    priority: str = ""
    round: str = ""
    moves: int = 0

    @property
    def roles(self) -> list[tuple[str, Role]]:
        """Everybody of the trust, with their role."""
        return [(self.lead, Role.IMPROVEMENT_LEAD), *((person, Role.BOARD_MEMBER) for person in self.board)]


class Register:
    """Enters, moves and merges; `belongs` holds the tenants that each organisation has had, the present one last."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.belongs: dict[str, list[str]] = {}

    @contextmanager
    def _administrator(self) -> Iterator[UnitOfWork]:
        roles = frozenset({Role.NATIONAL_ADMINISTRATOR.value})
        principal = Principal(str(new_id()), NATIONAL_TENANT, NATIONAL_TENANT, roles, Scope.NATIONAL)
        with UnitOfWork(self._rig.database("directory"), principal) as uow:
            yield uow
            uow.commit()

    def enter(self, trusts: Iterable[Trust]) -> None:
        """Enter trusts and their ICBs and tell of the roles of their people."""
        with self._administrator() as uow:
            if not self.belongs:
                register_organisation(uow, NATIONAL_BODY)
                register_organisation(uow, _entry(REGION, "region", NATIONAL_TENANT))
            for trust in trusts:
                for code, kind in ((trust.tenant, "icb"), (trust.code, "trust")):
                    if code not in self.belongs:
                        register_organisation(uow, _entry(code, kind, trust.tenant))
                        self.belongs[code] = [trust.tenant]
                for person, role in trust.roles:
                    outbox.add(uow, _granted(person, trust, role))

    def appoint(self, trust: Trust, count: int = 1) -> list[str]:
        """Tell of so many more board members of a trust: each is told by mail at once."""
        people = [str(new_id()) for _ in range(count)]
        with self._administrator() as uow:
            for person in people:
                outbox.add(uow, _granted(person, trust, Role.BOARD_MEMBER))
        return people

    def move(self, trust: Trust, to: str) -> None:
        """Move a trust to another ICB."""
        with self._administrator() as uow:
            self._move(uow, trust, to)
        self._note(trust, to)

    def merge(self, icb: str, into: str, trusts: Iterable[Trust]) -> None:
        """Let an ICB go up in another one: its trusts move, then it closes, all at once."""
        moving = [trust for trust in trusts if trust.tenant == icb]
        with self._administrator() as uow:
            for trust in moving:
                self._move(uow, trust, into)
            yesterday = local_day(uow.now) - timedelta(days=1)
            close_by_hand(uow, icb, last_day=yesterday, successors=[{"code": into, "kind": "merger"}])
        for trust in moving:
            self._note(trust, into)

    @staticmethod
    def _move(uow: UnitOfWork, trust: Trust, to: str) -> None:
        day = local_day(uow.now) - FIRST_MOVE + timedelta(days=trust.moves)
        move_organisation(uow, trust.code, to_tenant=to, effective_on=day, reason="a fault test")

    def _note(self, trust: Trust, to: str) -> None:
        trust.tenant = to
        trust.moves += 1
        self.belongs[trust.code].append(to)


def _entry(code: str, kind: str, tenant: str) -> Entry:
    return Entry(
        code=code,
        name=f"{code} (fictional)",
        kind=kind,
        region=None if kind == "region" else REGION,
        sector="acute" if kind == "trust" else None,
        fictional=True,
        open_from=None,
        open_until=None,
        source="a fault test",
        tenant=tenant,
        tenant_since=LONG_AGO,
    )


def _granted(person: str, trust: Trust, role: Role) -> Event:
    event = events.membership_granted(
        membership_id=new_id(),
        person_id=person,
        org_id=trust.code,
        role=role.value,
        valid_from=datetime.combine(LONG_AGO, datetime.min.time(), UTC),
        valid_to=None,
    )
    return Event(event.type, event.key, event.data, org_id=trust.code, tenant_id=trust.tenant)
