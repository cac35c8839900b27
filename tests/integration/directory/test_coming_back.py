"""Who leaves and comes back sets up the sign-in anew; long after, a reissued mailbox is somebody else's."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from services.directory.account_work import ProvisionAccount
from services.directory.commands.accounts import PROVISION
from services.directory.commands.appointments import Grant, grant_role
from services.directory.commands.work_accounts import link_work_account
from services.directory.domain.work_accounts import WorkAccount
from services.directory.models import appointment, external_identity, organisation, person
from services.directory.own_hand import own_hand
from services.directory.queries.people import addresses, names
from shared.clock import local_day
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.identity_admin import Place
from shared.ids import new_id
from shared.mechanism import audit_entry
from shared.principal import NATIONAL_TENANT, Principal
from shared.scheduler import Work
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.account_stores import ISSUER, Provisioning, end
from tests.integration.directory.accounts_in_memory import AccountsInMemory
from tests.integration.directory.conftest import Post, Register, change_roles
from tests.integration.directory.test_invitations import invitation

WORK_ISSUER = "https://work.example"
LONG_AGO = timedelta(days=31)


@dataclass
class Mailbox:
    """An address at a trust, somebody who invites there, and who takes up what is sent to it."""

    directory: ServiceUnderTest
    register: Register
    post: Post
    trust: str
    address: str

    def leaver(self, *, ago: timedelta) -> Person:
        """Make somebody who had this address and whose last role ended."""
        left = self.register.person(self.trust, Role.CHAIR, name="Jo Smith", email=self.address)
        end(self.directory, left.person_id, self.trust)
        self.changed(left, ended_at=appointment.c.ended_at - ago, valid_from=appointment.c.valid_from - ago)
        return left

    def changed(self, whose: Person, **values: Any) -> None:
        """Let a person's roles have other dates."""
        change_roles(self.directory, whose.person_id, **values)

    def invited(self) -> str:
        """Invite whoever reads the mails to another role; return the link's secret."""
        manager = self.directory.client(self.register.person(self.trust, Role.ACCESS_MANAGER))
        assert manager.post("/v1/invitations", invitation(self.address, "improvement-lead")).status_code == 201
        return self.post.deliver().secret_for(self.address)

    def taken_up(self, secret: str | None = None) -> tuple[str, bool]:
        """Accept; return whose the role is, and whether they were told to sign in as before."""
        path = f"/v1/invitations/by-token/{secret or self.invited()}/accept"
        answer = self.directory.client_with(None).post(path)
        assert answer.status_code == 200
        told = self.directory.events(event_types.MEMBERSHIP_GRANTED, org=self.trust)
        granted = [event for event in told if event.data["role"] == "improvement-lead"][-1]
        return str(granted.data["person_id"]), bool(answer.json["account_known"])

    def stands_for(self) -> list[str]:
        """Return the ids of the people whose address it is."""
        with self.directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            return list(uow.session.execute(select(person.c.person_id).where(person.c.email == self.address)).scalars())


@pytest.fixture
def mailbox(directory: ServiceUnderTest, register: Register, post: Post) -> Mailbox:
    """Return a mailbox of a trust."""
    return Mailbox(directory, register, post, register.trust(), f"{new_id()}@trust.example")


@pytest.fixture
def store(directory: ServiceUnderTest) -> AccountsInMemory:
    """Return accounts in memory."""
    return AccountsInMemory()


def test_who_holds_no_role_is_let_in_no_more_and_again_only_with_what_is_set_up_anew(
    directory: ServiceUnderTest, register: Register, provisioning: Provisioning
) -> None:
    trust = register.trust()
    person = register.person(trust, Role.CHAIR)
    provisioning.run()

    end(directory, person.person_id, trust)
    provisioning.run()
    closed = provisioning.accounts.find_account(person.person_id)
    register.person(trust, Role.BOARD_MEMBER, person_id=person.person_id)
    provisioning.run()
    opened = provisioning.accounts.find_account(person.person_id)

    assert closed is not None
    assert opened is not None
    assert (closed.enabled, opened.enabled, opened.ready) == (False, True, False)
    assert closed.id == opened.id


@pytest.mark.parametrize("closed_meanwhile", [True, False])
def test_nothing_that_opened_the_account_before_opens_it_again(
    directory: ServiceUnderTest, mailbox: Mailbox, store: AccountsInMemory, *, closed_meanwhile: bool
) -> None:
    provisioning = Provisioning(directory, store)
    left = mailbox.register.person(mailbox.trust, Role.CHAIR, email=mailbox.address)
    provisioning.run()
    store.accounts[left.person_id] = replace(store.accounts[left.person_id], ready=True)
    store.work[left.person_id] = "outside-jo"

    end(directory, left.person_id, mailbox.trust)
    if closed_meanwhile:
        provisioning.run()
        assert left.person_id not in store.work
    person_id, known = mailbox.taken_up()
    provisioning.run()

    assert (person_id, known) == (left.person_id, False)
    assert not store.accounts[left.person_id].ready
    assert left.person_id not in store.work
    assert store.mails.count(mailbox.address) == 2


def test_a_second_role_leaves_the_sign_in_as_it_is(
    directory: ServiceUnderTest, mailbox: Mailbox, store: AccountsInMemory
) -> None:
    provisioning = Provisioning(directory, store)
    stays = mailbox.register.person(mailbox.trust, Role.CHAIR, email=mailbox.address)
    provisioning.run()
    store.accounts[stays.person_id] = replace(store.accounts[stays.person_id], ready=True)

    taken_up = mailbox.taken_up()
    provisioning.run()

    assert taken_up == (stays.person_id, True)
    assert store.accounts[stays.person_id].ready
    assert store.mails.count(mailbox.address) == 1


@pytest.mark.parametrize(
    "verb", ["unlink_work_account", "reset_second_factor", "enable_account", "add_to_organization", "send_setup_mail"]
)
def test_a_break_while_somebody_is_let_in_again_is_made_good(
    directory: ServiceUnderTest, mailbox: Mailbox, store: AccountsInMemory, verb: str
) -> None:
    provisioning = Provisioning(directory, store)
    left = mailbox.register.person(mailbox.trust, Role.CHAIR, email=mailbox.address)
    provisioning.run()
    store.accounts[left.person_id] = replace(store.accounts[left.person_id], ready=True)
    end(directory, left.person_id, mailbox.trust)
    provisioning.run()
    mailbox.taken_up()

    store.breaks_before = verb
    provisioning.run()
    provisioning.run(later=timedelta(minutes=5))

    account = store.accounts[left.person_id]
    assert (account.enabled, account.ready) == (True, False)
    assert store.mails.count(mailbox.address) == 2


def test_within_thirty_days_it_is_the_same_person(mailbox: Mailbox) -> None:
    left = mailbox.leaver(ago=timedelta(days=29))

    assert mailbox.taken_up() == (left.person_id, False)


def _expired(mailbox: Mailbox) -> Person:
    """Somebody whose role had a last day, which the scheduler has not come to yet."""
    left = mailbox.register.person(mailbox.trust, Role.CHAIR, email=mailbox.address)
    held = appointment.c
    mailbox.changed(left, valid_from=held.valid_from - 2 * LONG_AGO, valid_until=held.valid_from - LONG_AGO)
    return left


def _of_a_closed_organisation(mailbox: Mailbox) -> Person:
    """Somebody whose organisation closed with nobody ending the roles there."""
    closed = mailbox.register.trust()
    left = mailbox.register.person(closed, Role.CHAIR, email=mailbox.address)
    with mailbox.directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        day = local_day(uow.now) - LONG_AGO
        uow.session.execute(update(organisation).where(organisation.c.code == closed).values(open_until=day))
        uow.commit()
    return left


def _ended(mailbox: Mailbox) -> Person:
    return mailbox.leaver(ago=LONG_AGO)


@pytest.mark.parametrize("leaver", [_ended, _expired, _of_a_closed_organisation])
def test_long_after_the_last_role_whoever_reads_the_mails_is_a_new_person(
    directory: ServiceUnderTest, mailbox: Mailbox, leaver: Callable[[Mailbox], Person]
) -> None:
    left = leaver(mailbox)

    person_id, known = mailbox.taken_up()

    assert person_id != left.person_id
    assert not known
    assert mailbox.stands_for() == [person_id]


def test_the_old_person_stays_for_the_trail_and_gets_no_mail(directory: ServiceUnderTest, mailbox: Mailbox) -> None:
    left = mailbox.leaver(ago=LONG_AGO)
    mailbox.taken_up()

    with directory.unit_of_work(Principal.service(directory.world.tenant_of(mailbox.trust), mailbox.trust)) as uow:
        assert names(uow, [left.person_id]) == {"names": {left.person_id: "Jo Smith"}}
        assert addresses(uow, [left.person_id]) == {"people": []}
        lines = select(audit_entry.c.tenant_id).where(
            audit_entry.c.object_id == left.person_id, audit_entry.c.action == "person.address-given-up"
        )
        assert list(uow.session.execute(lines).scalars()) == [NATIONAL_TENANT]


def test_the_old_account_is_gone_before_the_new_one_takes_the_address(
    directory: ServiceUnderTest, mailbox: Mailbox, provisioning: Provisioning
) -> None:
    left = mailbox.register.person(mailbox.trust, Role.CHAIR, email=mailbox.address)
    provisioning.run()
    end(directory, left.person_id, mailbox.trust)
    provisioning.run()
    mailbox.changed(left, ended_at=appointment.c.ended_at - LONG_AGO)

    person_id, _ = mailbox.taken_up()
    provisioning.run()

    account = provisioning.accounts.find_account(person_id)
    assert provisioning.accounts.find_account(left.person_id) is None
    assert account is not None
    assert (account.email, account.enabled, account.ready) == (mailbox.address, True, False)
    tenant = directory.world.tenant_of(mailbox.trust)
    assert provisioning.accounts.places_of(person_id) == {Place(tenant, mailbox.trust, "improvement-lead")}


@pytest.mark.parametrize("verb", ["remove_account", "create_account", "add_to_organization", "send_setup_mail"])
def test_a_break_while_an_address_changes_hands_is_made_good(
    directory: ServiceUnderTest, mailbox: Mailbox, store: AccountsInMemory, verb: str
) -> None:
    provisioning = Provisioning(directory, store)
    left = mailbox.register.person(mailbox.trust, Role.CHAIR, email=mailbox.address)
    provisioning.run()
    end(directory, left.person_id, mailbox.trust)
    mailbox.changed(left, ended_at=appointment.c.ended_at - LONG_AGO)
    person_id, _ = mailbox.taken_up()

    store.breaks_before = verb
    provisioning.run()
    provisioning.run(later=timedelta(minutes=5))

    assert left.person_id not in store.accounts
    assert store.accounts[person_id].email == mailbox.address
    assert provisioning.failed(person_id) == []
    assert store.mails.count(mailbox.address) == 2


def _linked(directory: ServiceUnderTest, whose: str, org_id: str, subject: str) -> None:
    with directory.unit_of_work(Principal.service(directory.world.tenant_of(org_id), org_id)) as uow:
        link_work_account(uow, whose, WorkAccount(WORK_ISSUER, subject, None, "jo.smith"))
        uow.commit()


def _links(directory: ServiceUnderTest, whose: str) -> list[str]:
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        known = select(external_identity.c.issuer).where(external_identity.c.person_id == whose)
        return sorted(uow.session.execute(known).scalars())


def test_the_link_to_a_work_account_ends_with_the_last_role(directory: ServiceUnderTest, mailbox: Mailbox) -> None:
    store, subject = AccountsInMemory(), f"outside-{new_id()}"
    provisioning = Provisioning(directory, store, WORK_ISSUER)
    other = mailbox.register.trust()
    left = mailbox.register.person(mailbox.trust, Role.CHAIR, email=mailbox.address)
    mailbox.register.person(other, Role.BOARD_MEMBER, person_id=left.person_id)
    _linked(directory, left.person_id, mailbox.trust, subject)
    provisioning.run()

    end(directory, left.person_id, other)
    provisioning.run()
    assert store.work[left.person_id] == subject
    end(directory, left.person_id, mailbox.trust)
    provisioning.run()

    assert (store.work.get(left.person_id), _links(directory, left.person_id)) == (None, [])
    successor = mailbox.register.person(mailbox.trust, Role.CHAIR)
    _linked(directory, successor.person_id, mailbox.trust, subject)
    provisioning.run()
    assert store.work[successor.person_id] == subject


def test_who_comes_back_with_a_work_account_sets_up_nothing_by_mail(
    directory: ServiceUnderTest, mailbox: Mailbox
) -> None:
    store, trust = AccountsInMemory(), mailbox.trust
    provisioning = Provisioning(directory, store, WORK_ISSUER)
    left = mailbox.register.person(trust, Role.CHAIR, email=mailbox.address)
    _linked(directory, left.person_id, trust, f"outside-{new_id()}")
    provisioning.run()
    end(directory, left.person_id, trust)

    mailbox.register.person(trust, Role.BOARD_MEMBER, person_id=left.person_id)
    assert _links(directory, left.person_id) == []
    _linked(directory, left.person_id, trust, again := f"outside-{new_id()}")
    provisioning.run()

    assert store.work[left.person_id] == again
    assert store.mails.count(mailbox.address) == 0


def test_a_role_given_while_the_account_is_being_closed_keeps_its_link(
    directory: ServiceUnderTest, mailbox: Mailbox
) -> None:
    trust, tenant = mailbox.trust, directory.world.tenant_of(mailbox.trust)
    left = mailbox.leaver(ago=timedelta(0))
    handler = ProvisionAccount(AccountsInMemory(), ISSUER, WORK_ISSUER)
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        work = Work(new_id(), NATIONAL_TENANT, NATIONAL_TENANT, PROVISION, left.person_id, uow.now, 0, {}, uow.now)
        closing = handler.prepare(uow, work)
    assert closing is not None

    with directory.unit_of_work(Principal.service(tenant, trust)) as uow, own_hand(uow, tenant, trust):
        grant_role(uow, Grant(left.person_id, trust, Role.CHAIR.value))
        link_work_account(uow, left.person_id, WorkAccount(WORK_ISSUER, f"outside-{new_id()}", None, "jo.smith"))
        uow.commit()
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        handler.record(uow, work, closing, handler.act(closing))
        uow.commit()

    assert _links(directory, left.person_id) == [WORK_ISSUER]
