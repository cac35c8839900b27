"""Sign-in accounts follow the directory: the same expectations of an account store in memory and of Keycloak itself."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from services.directory.commands.moves import carry_out_move
from services.directory.models import external_identity
from shared.contracts.roles import Role
from shared.identity_admin import Place
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.scheduler import ATTEMPTS, LONGEST_BACKOFF
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.directory.account_stores import ISSUER, Provisioning, end
from tests.integration.directory.accounts_in_memory import AccountsInMemory
from tests.integration.directory.conftest import Register


def test_a_new_persons_account_has_exactly_the_roles_of_the_directory(
    directory: ServiceUnderTest, register: Register, provisioning: Provisioning
) -> None:
    first, second = register.trust(), register.trust()
    person = register.person(first, Role.BOARD_MEMBER, Role.ACTION_OWNER, name="Pat van der Moreton")
    register.person(second, Role.CHAIR, person_id=person.person_id)

    provisioning.run()

    tenants = {code: directory.world.tenant_of(code) for code in (first, second)}
    assert provisioning.accounts.places_of(person.person_id) == {
        Place(tenants[first], first, "board-member"),
        Place(tenants[first], first, "action-owner"),
        Place(tenants[second], second, "chair"),
    }


def test_an_account_is_written_down_as_the_persons_by_issuer_and_subject(
    directory: ServiceUnderTest, register: Register, provisioning: Provisioning
) -> None:
    person = register.person(register.trust(), Role.CHAIR)

    provisioning.run()

    account = provisioning.accounts.find_account(person.person_id)
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        linked = uow.session.execute(
            select(external_identity).where(external_identity.c.person_id == person.person_id)
        ).one()
    assert account is not None
    assert (linked.issuer, linked.subject) == (ISSUER, account.id)


def test_running_again_changes_nothing(register: Register, provisioning: Provisioning) -> None:
    person = register.person(register.trust(), Role.CHAIR)
    provisioning.run()
    before = (provisioning.accounts.find_account(person.person_id), provisioning.accounts.places_of(person.person_id))

    provisioning.ask(person.person_id)
    provisioning.run()

    after = (provisioning.accounts.find_account(person.person_id), provisioning.accounts.places_of(person.person_id))
    assert after == before


def test_a_role_that_ended_is_taken_away_and_the_others_stay(
    directory: ServiceUnderTest, register: Register, provisioning: Provisioning
) -> None:
    first, second = register.trust(), register.trust()
    person = register.person(first, Role.CHAIR)
    register.person(second, Role.CHAIR, person_id=person.person_id)
    provisioning.run()

    end(directory, person.person_id, first)
    provisioning.run()

    assert {place.organization for place in provisioning.accounts.places_of(person.person_id)} == {second}


def test_after_a_move_the_roles_are_in_the_new_tenant(
    directory: ServiceUnderTest, register: Register, provisioning: Provisioning
) -> None:
    trust, new = register.trust(), register.tenant()
    person = register.person(trust, Role.CHAIR)
    provisioning.run()

    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        carry_out_move(uow, trust, new, effective_on=date(2026, 11, 1), source="test")
        uow.commit()
    provisioning.run()

    assert provisioning.accounts.places_of(person.person_id) == {Place(new, trust, "chair")}


def test_a_region_lead_is_placed_in_the_national_tenant(register: Register, provisioning: Provisioning) -> None:
    person = register.person("Y60", Role.REGIONAL_LEAD)

    provisioning.run()

    assert provisioning.accounts.places_of(person.person_id) == {Place(NATIONAL_TENANT, "Y60", "regional-lead")}


def test_an_address_of_somebody_else_is_shown_to_operators_and_not_tried_for_ever(
    directory: ServiceUnderTest, register: Register
) -> None:
    provisioning, address = Provisioning(directory, AccountsInMemory()), f"{new_id()}@trust.example"
    provisioning.accounts.create_account(str(new_id()), address, "Some", "Body")
    person = register.person(register.trust(), Role.CHAIR, email=address)

    for number in range(ATTEMPTS):
        assert provisioning.failed(person.person_id) == []
        provisioning.run(later=number * LONGEST_BACKOFF * 1.1)

    assert provisioning.failed(person.person_id) == ["AddressTaken"]


def test_an_address_whose_account_is_about_to_go_is_taken_once_it_went(
    register: Register, provisioning: Provisioning
) -> None:
    address, former = f"{new_id()}@trust.example", str(new_id())
    provisioning.accounts.create_account(former, address, "Some", "Body")
    person = register.person(register.trust(), Role.CHAIR, email=address)

    provisioning.run()
    provisioning.accounts.remove_account(former)
    provisioning.run(later=timedelta(minutes=5))

    account = provisioning.accounts.find_account(person.person_id)
    assert account is not None
    assert account.email == address
    assert provisioning.failed(person.person_id) == []


def test_a_national_account_is_left_to_operators(register: Register, provisioning: Provisioning) -> None:
    person = register.national(Role.NATIONAL_EDITOR)

    provisioning.run()

    assert provisioning.accounts.find_account(person.person_id) is None
    assert provisioning.failed(person.person_id) == ["WillNeverWork"]


def test_a_set_up_mail_is_sent_again_when_the_access_manager_asks_and_never_to_who_is_ready(
    directory: ServiceUnderTest, register: Register
) -> None:
    store = AccountsInMemory()
    provisioning = Provisioning(directory, store)
    trust, address = register.trust(), f"{new_id()}@trust.example"
    person = register.person(trust, Role.CHAIR, email=address)
    manager = directory.client(register.person(trust, Role.ACCESS_MANAGER))
    path = f"/v1/people/{person.person_id}/setup-mail"
    provisioning.run()

    asked = manager.post(path)
    provisioning.run()
    sent = store.mails.count(address)
    store.accounts[person.person_id] = replace(store.accounts[person.person_id], ready=True)
    manager.post(path)
    provisioning.run()

    assert (asked.status_code, sent, store.mails.count(address)) == (200, 2, 2)


def test_nobody_asks_for_a_set_up_mail_of_another_organisations_person(
    directory: ServiceUnderTest, register: Register
) -> None:
    person = register.person(register.trust(), Role.CHAIR)
    stranger = directory.client(register.person(register.trust(), Role.ACCESS_MANAGER))

    assert stranger.post(f"/v1/people/{person.person_id}/setup-mail").status_code == 404


def test_a_set_up_mail_is_sent_again_three_times_a_day_whoever_asks(
    directory: ServiceUnderTest, register: Register
) -> None:
    trust = register.trust()
    person = register.person(trust, Role.CHAIR)
    managers = [directory.client(register.person(trust, Role.ACCESS_MANAGER)) for _ in range(4)]

    answers = [one.post(f"/v1/people/{person.person_id}/setup-mail") for one in managers]

    assert [one.status_code for one in answers] == [200, 200, 200, 409]
    assert answers[3].json["type"] == "/problems/setup-mail-sent-often"


@pytest.mark.parametrize("verb", ["find_account", "create_account", "add_to_organization", "send_setup_mail"])
def test_a_break_at_any_step_is_made_good_with_one_set_up_mail(
    directory: ServiceUnderTest, register: Register, verb: str
) -> None:
    store = AccountsInMemory(breaks_before=verb)
    provisioning = Provisioning(directory, store)
    address = f"{new_id()}@trust.example"
    person = register.person(register.trust(), Role.CHAIR, email=address)

    provisioning.run()
    provisioning.run(later=timedelta(minutes=5))

    assert {place.role for place in store.places_of(person.person_id)} == {"chair"}
    assert store.mails.count(address) == 1
