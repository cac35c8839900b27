"""Bringing sign-in accounts in line with what the directory holds.

Convergent: what should be is read afresh each time and compared with what is, so it does not matter how often or after
which cause it runs, nor where it broke off. The set-up mail goes out until an account has been written down as ours,
which happens only after everything else was done.

National roles live in the realm itself, outside the rights of the provisioning account on purpose: such an account is
set up by an operator, and the intent is shown to operators as work that cannot be done from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import insert

from services.directory.commands.accounts import lock_person
from services.directory.commands.work_accounts import forget_accounts
from services.directory.domain.invitations import LIFETIME
from services.directory.domain.terms import acts
from services.directory.models import appointment, external_identity, organisation, person, tenancy
from services.directory.queries.people import current
from services.directory.queries.register import in_tenant_on
from services.directory.queries.terms import terms_of
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.identity_admin import Account, Place, WorkAccountTaken
from shared.principal import NATIONAL_TENANT
from shared.scheduler import WillNeverWork, Work

SETUP_SECONDS = int(LIFETIME.total_seconds())
"""How long the link to set up how to sign in lives: as long as an invitation."""


class Accounts(Protocol):
    """The verbs of the identity provider that are needed here (shared/identity_admin has them)."""

    def find_account(self, person_id: str) -> Account | None:
        """Return a person's account."""

    def create_account(self, person_id: str, email: str, first_name: str, last_name: str) -> Account:
        """Make it, or bring its names and address in line."""

    def enable_account(self, person_id: str) -> None:
        """Let a person in again."""

    def disable_account(self, person_id: str) -> None:
        """Let a person in no more."""

    def reset_second_factor(self, person_id: str) -> bool:
        """Take away all that an account without a work account is signed in with, and end the sessions."""

    def unlink_work_account(self, person_id: str) -> None:
        """Let a person sign in with a work account no more."""

    def remove_account(self, person_id: str) -> None:
        """Take the account away, and with it its hold on the address."""

    def send_setup_mail(self, person_id: str, lifespan: int, *, passkey: bool | None = None) -> None:
        """Mail the set-up link: for a passkey alone, for a password and a code, or for what was asked for before."""

    def link_work_account(self, person_id: str, subject: str, shown_name: str) -> None:
        """Let a person sign in with a work account."""

    def ensure_organization(self, tenant: str, name: str) -> str:
        """Make a tenant's organization where it is missing."""

    def places_of(self, person_id: str) -> set[Place]:
        """Return every role held."""

    def add_to_organization(self, person_id: str, place: Place) -> None:
        """Give a role."""

    def remove_role(self, person_id: str, place: Place) -> None:
        """Take a role away."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account as it should be."""

    person_id: str
    email: str | None
    """None: it was given up, because the mailbox became somebody else's or long after the last role."""
    first_name: str
    last_name: str
    places: frozenset[Place]
    tenant_names: Mapping[str, str]
    national: bool
    mail_wanted: bool
    work: tuple[str, str] | None
    """Subject and shown name of the work account, where the person has one."""
    passkey: bool | None
    """What the person chose for the first sign-in: a passkey, or a password and a code; None says nothing new."""
    anew: bool
    """The person comes back: what opened the account before opens it no more."""
    gives_up: str | None
    """Whose account goes: its address was given up."""


class ProvisionAccount:
    """Due work `provision-account`: one person, everything that should hold of the account."""

    def __init__(self, accounts: Accounts, issuer: str, work_issuer: str | None = None) -> None:
        self._accounts = accounts
        self._issuer = issuer
        self._work_issuer = work_issuer

    def prepare(self, uow: UnitOfWork, work: Work) -> Wanted | None:
        """Read what the account should be; None for a person who is not known."""
        who = uow.session.execute(select(person).where(person.c.person_id == work.object_id)).first()
        if who is None:
            return None
        rows = uow.session.execute(_roles_and_tenants(uow, who.person_id)).all()
        first, _, last = who.name.rpartition(" ")
        return Wanted(
            person_id=who.person_id,
            email=who.email,
            first_name=first or last,
            last_name=last,
            places=frozenset(Place(r.tenant, r.org_id, r.role) for r in rows if r.org_id != NATIONAL_TENANT),
            tenant_names={r.tenant: r.tenant_name for r in rows},
            national=any(r.org_id == NATIONAL_TENANT for r in rows),
            mail_wanted=bool(work.data.get("setup_mail")) or not self._written_down(uow, who.person_id),
            work=self._work_account(uow, who.person_id),
            passkey=work.data.get("passkey"),
            anew=bool(work.data.get("anew")),
            gives_up=who.person_id if who.email is None else work.data.get("former"),
        )

    def act(self, wanted: Wanted) -> Account | None:
        """Make it so; raises WillNeverWork where only an operator can help.

        Another account that has the address (AddressTaken) may be about to move away from it or to go: tried again.
        """
        if wanted.gives_up is not None:  # before anybody else takes the address
            self._accounts.remove_account(wanted.gives_up)
        try:
            account = self._bring_in_line(wanted) if wanted.places else self._close(wanted)
        except WorkAccountTaken as taken:
            raise WillNeverWork("The work account is linked to somebody else.") from taken
        if wanted.national and account is None:
            raise WillNeverWork("A national account is set up by an operator.")
        return account

    def hold(self, uow: UnitOfWork, work: Work) -> None:
        """Lock the person, as whoever changes something about them does before asking for the account to follow."""
        lock_person(uow, work.object_id)

    def record(self, uow: UnitOfWork, work: Work, prepared: Wanted, result: Account | None) -> None:
        """Write down whose account it is, so that the person outlives the identity provider; forget it with the role.

        Whoever was given a role again since the account was closed is not forgotten: that role's own work is due.
        """
        if not prepared.places and not prepared.national:
            if not acts(terms_of(uow, prepared.person_id), uow.now):
                forget_accounts(uow, prepared.person_id)
            return
        if result is None:
            return
        linked = {"issuer": self._issuer, "subject": result.id, "person_id": prepared.person_id}
        statement = insert(external_identity).values(**linked, linked_at=uow.now)
        uow.session.execute(statement.on_conflict_do_nothing())

    def _bring_in_line(self, wanted: Wanted) -> Account:
        if wanted.email is None:
            raise WillNeverWork("The address of this person was given up.")
        account = self._accounts.create_account(wanted.person_id, wanted.email, wanted.first_name, wanted.last_name)
        anew = wanted.anew or not account.enabled
        if anew:
            self._begin_anew(account)
        self._place(wanted)
        if wanted.work is not None:
            # No mail: the second factor is set up at the first sign-in with the work account.
            self._accounts.link_work_account(wanted.person_id, *wanted.work)
        elif anew or (not account.ready and wanted.mail_wanted):
            self._accounts.send_setup_mail(wanted.person_id, SETUP_SECONDS, passkey=wanted.passkey)
        return account

    def _begin_anew(self, account: Account) -> None:
        """Let somebody in again, but nobody by what opened the account before: the mailbox may be another's by now."""
        self._accounts.unlink_work_account(account.person_id)
        self._accounts.reset_second_factor(account.person_id)
        if not account.enabled:
            self._accounts.enable_account(account.person_id)

    def _place(self, wanted: Wanted) -> None:
        for tenant in sorted({place.tenant for place in wanted.places}):
            self._accounts.ensure_organization(tenant, wanted.tenant_names[tenant])
        held = self._accounts.places_of(wanted.person_id)
        for place in sorted(wanted.places - held):
            self._accounts.add_to_organization(wanted.person_id, place)
        for place in sorted(held - wanted.places):
            self._accounts.remove_role(wanted.person_id, place)

    def _close(self, wanted: Wanted) -> Account | None:
        """Nobody may sign in who holds no role; a national person's account is not ours to close."""
        account = self._accounts.find_account(wanted.person_id)
        if account is not None:
            for place in sorted(self._accounts.places_of(wanted.person_id)):
                self._accounts.remove_role(wanted.person_id, place)
            if not wanted.national:
                self._accounts.disable_account(wanted.person_id)
                self._accounts.unlink_work_account(wanted.person_id)
        return account

    def _work_account(self, uow: UnitOfWork, person_id: str) -> tuple[str, str] | None:
        known = external_identity.c
        statement = select(known.subject, known.shown_name).where(
            known.person_id == person_id, known.issuer == self._work_issuer
        )
        found = uow.session.execute(statement).first()
        return (found.subject, found.shown_name or found.subject) if found else None

    def _written_down(self, uow: UnitOfWork, person_id: str) -> bool:
        known = external_identity.c
        statement = select(known.subject).where(known.person_id == person_id, known.issuer == self._issuer)
        return uow.session.execute(statement).first() is not None


def _roles_and_tenants(uow: UnitOfWork, person_id: str) -> Any:
    held, named = appointment.c, organisation.c
    return (
        select(held.org_id, held.role, tenancy.c.tenant, named.name.label("tenant_name"))
        .join(tenancy, and_(tenancy.c.code == held.org_id, in_tenant_on(local_day(uow.now))))
        .join(organisation, named.code == tenancy.c.tenant)
        .where(held.person_id == person_id, current(uow.now))
    )
