"""A person removes one of their own passkeys: asked with a fresh second factor, told by mail, carried out once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import delete, update

from services.directory.commands.passkeys import REMOVE
from services.directory.identity_provider import reader_of
from services.directory.own_ways_in import EXTENSION
from services.directory.passkey_work import RemovePasskey
from shared.access import STRONG_FOR
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.identity_admin import IdentityProviderUnavailable, SecondFactor, SignIn
from shared.ids import new_id
from shared.mechanism import due_work
from shared.principal import NATIONAL_TENANT, Principal
from shared.scheduler import Scheduler
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.conftest import Register

DAY = datetime(2026, 5, 3, 9, tzinfo=UTC)


def factor(*, passkey: bool = True, label: str = "") -> SecondFactor:
    return SecondFactor(str(new_id()), passkey, label, DAY)


@dataclass
class ProviderInMemory:
    """Who has what to sign in with; `away` says that it does not answer."""

    held: dict[str, SignIn] = field(default_factory=dict)
    signed_out: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    away: bool = False

    def sign_in_of(self, person_id: str) -> SignIn | None:
        """Return what somebody has."""
        self.asked.append(person_id)
        if self.away:
            raise IdentityProviderUnavailable("It does not answer.")
        return self.held.get(person_id)

    def remove_passkey(self, person_id: str, passkey_id: str) -> None:
        """Take it away."""
        before = self.held[person_id]
        left = tuple(one for one in before.second_factors if one.id != passkey_id)
        self.held[person_id] = SignIn(before.has_password, before.has_work_account, left)
        self.signed_out.append(person_id)

    def give(self, person: Person, *factors: SecondFactor, password: bool = False, work: bool = False) -> None:
        """Let somebody have these."""
        self.held[person.person_id] = SignIn(password, work, factors)


@pytest.fixture
def provider(directory: ServiceUnderTest) -> Iterator[ProviderInMemory]:
    provider = ProviderInMemory()
    reads: Any = provider
    directory.app.extensions[EXTENSION] = reader_of(reads)
    yield provider
    del directory.app.extensions[EXTENSION]
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        uow.session.execute(delete(due_work).where(due_work.c.kind == REMOVE))
        uow.commit()


@pytest.fixture
def person(register: Register) -> Person:
    return register.person(register.trust(), Role.BOARD_MEMBER)


@pytest.fixture
def client(directory: ServiceUnderTest, person: Person) -> Client:
    return directory.client(person)


def carry_out(directory: ServiceUnderTest, provider: ProviderInMemory) -> None:
    Scheduler(directory.database, {REMOVE: RemovePasskey(provider)}, stop=lambda: False).run_once()


def removal(passkey: SecondFactor) -> str:
    return f"/v1/me/passkeys/{passkey.id}/remove"


def lines_of(directory: ServiceUnderTest, person: Person) -> list[tuple[Any, ...]]:
    query = (
        b"select action, org_id, object_type, object_id from directory.audit_entry where person_id = %s order by seq"
    )
    with psycopg.connect(directory.superuser_url) as superuser:
        return superuser.execute(query, [person.person_id]).fetchall()


def test_one_sees_ones_own_codes_and_passkeys_with_what_may_go(
    client: Client, provider: ProviderInMemory, person: Person
) -> None:
    code, phone = factor(passkey=False), factor(label="My phone")
    provider.give(person, code, phone, password=True)

    shown = client.get("/v1/me/ways-in").json

    said = [(one["id"], one["kind"], one["label"], one["removable"]) for one in shown["items"]]
    assert shown["kept_here"]
    assert said == [(code.id, "code", "", False), (phone.id, "passkey", "My phone", True)]
    assert {one["added_at"] for one in shown["items"]} == {"2026-05-03T09:00:00Z"}


def test_whose_they_are_is_said_by_the_token_alone(
    directory: ServiceUnderTest, register: Register, provider: ProviderInMemory, person: Person, client: Client
) -> None:
    other = register.person(person.org_id, Role.ACCESS_MANAGER)
    theirs = factor(label="Theirs")
    provider.give(other, theirs, factor())
    provider.give(person, factor(), factor())

    asked_for = client.get(f"/v1/me/ways-in?person_id={other.person_id}")
    removed = client.post(removal(theirs), {"person_id": other.person_id})

    assert "Theirs" not in asked_for.text
    assert removed.status_code == 404
    assert set(provider.asked) == {person.person_id}
    assert len(provider.held[other.person_id].second_factors) == 2
    assert directory.events(event_types.PASSKEY_REMOVED, key=other.person_id) == []


def test_a_passkey_is_removed_everywhere_is_signed_out_and_its_owner_told(
    directory: ServiceUnderTest, provider: ProviderInMemory, person: Person, client: Client
) -> None:
    lost, kept = factor(label="LABEL-CANARY"), factor()
    provider.give(person, lost, kept)

    answer = client.post(removal(lost))
    carry_out(directory, provider)

    assert answer.status_code == 200, answer.json
    assert provider.held[person.person_id].second_factors == (kept,)
    assert provider.signed_out == [person.person_id]
    (told,) = directory.events(event_types.PASSKEY_REMOVED, key=person.person_id)
    assert (told.org_id, told.tenant_id, told.actor) == (person.org_id, person.tenant_id, person.person_id)
    assert set(told.data) == {"person_id", "org_id", "removed_at"}
    lines = lines_of(directory, person)
    assert lines == [("account.passkey-removed", person.org_id, "person", person.person_id)]
    assert "LABEL-CANARY" not in f"{lines}{told}"
    assert lost.id not in f"{lines}{told}"


@pytest.mark.parametrize(
    ("password", "work", "with_code", "status"),
    [
        (False, False, False, 409),
        (True, False, False, 409),
        (False, True, False, 409),
        (False, False, True, 409),
        (True, False, True, 200),
        (False, True, True, 200),
    ],
)
def test_the_last_way_to_sign_in_strongly_stays(
    directory: ServiceUnderTest,
    provider: ProviderInMemory,
    person: Person,
    client: Client,
    status: int,
    *,
    password: bool,
    work: bool,
    with_code: bool,
) -> None:
    passkey = factor()
    others = [factor(passkey=False)] if with_code else []
    provider.give(person, passkey, *others, password=password, work=work)

    shown = next(one for one in client.get("/v1/me/ways-in").json["items"] if one["id"] == passkey.id)
    answer = client.post(removal(passkey))
    carry_out(directory, provider)

    assert (answer.status_code, shown["removable"]) == (status, status == 200)
    if status == 409:
        assert answer.json["type"] == "/problems/last-way-in"
        assert "Set up another one first" in answer.json["detail"]
    assert (passkey in provider.held[person.person_id].second_factors) is (status == 409)
    assert len(directory.events(event_types.PASSKEY_REMOVED, key=person.person_id)) == (status == 200)


def test_of_two_removals_at_once_the_second_waits_for_the_first(
    directory: ServiceUnderTest, provider: ProviderInMemory, person: Person, client: Client
) -> None:
    first, second = factor(), factor()
    provider.give(person, first, second)

    answers = [client.post(removal(one)) for one in (first, second)]
    carry_out(directory, provider)
    again = client.post(removal(second))

    assert [one.status_code for one in answers] == [200, 409]
    assert answers[1].json["type"] == "/problems/passkey-being-removed"
    assert again.json["type"] == "/problems/last-way-in"
    assert provider.held[person.person_id].second_factors == (second,)


def test_what_has_become_the_last_way_meanwhile_is_not_taken_away(
    directory: ServiceUnderTest, provider: ProviderInMemory, person: Person, client: Client
) -> None:
    lost = factor()
    provider.give(person, lost, factor())
    client.post(removal(lost))
    provider.give(person, lost)

    carry_out(directory, provider)

    assert provider.held[person.person_id].second_factors == (lost,)
    assert client.post(removal(lost)).json["type"] == "/problems/last-way-in"


def test_a_removal_that_broke_off_is_simply_done_again(
    directory: ServiceUnderTest, provider: ProviderInMemory, person: Person, client: Client
) -> None:
    lost, kept = factor(), factor()
    provider.give(person, lost, kept)
    client.post(removal(lost))
    provider.away = True
    carry_out(directory, provider)
    provider.away = False
    provider.remove_passkey(person.person_id, lost.id)
    _make_due(directory, person)

    carry_out(directory, provider)

    assert provider.held[person.person_id].second_factors == (kept,)
    assert provider.signed_out == [person.person_id] * 2


def test_pressed_twice_it_is_told_once(
    directory: ServiceUnderTest, provider: ProviderInMemory, person: Person, client: Client
) -> None:
    lost = factor()
    provider.give(person, lost, factor())

    answers = [client.post(removal(lost), key="one-press") for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 200]
    assert len(directory.events(event_types.PASSKEY_REMOVED, key=person.person_id)) == 1


def test_it_needs_a_fresh_second_factor(
    directory: ServiceUnderTest, provider: ProviderInMemory, person: Person
) -> None:
    lost = factor()
    provider.give(person, lost, factor())

    claims = directory.mint.claims(
        "directory", person.person_id, tenant_id=person.tenant_id, groups=[f"/{person.org_id}/board-member"]
    )
    claims["auth_time"] -= int(STRONG_FOR.total_seconds()) + 60
    stale = directory.client_with(directory.mint.sign(claims), acting_for=person.org_id).post(removal(lost))

    assert (stale.status_code, stale.json["type"]) == (401, "/problems/step-up-required")
    assert provider.asked == []


def test_while_the_provider_is_away_nothing_is_changed_and_it_is_said(
    directory: ServiceUnderTest, provider: ProviderInMemory, person: Person, client: Client
) -> None:
    lost = factor()
    provider.give(person, lost, factor())
    provider.away = True

    answers = [client.get("/v1/me/ways-in"), client.post(removal(lost))]

    assert {(one.status_code, one.json["type"]) for one in answers} == {(503, "/problems/sign-in-service-away")}
    assert directory.events(event_types.PASSKEY_REMOVED, key=person.person_id) == []


def test_an_account_that_an_operator_looks_after_is_not_shown(client: Client, provider: ProviderInMemory) -> None:
    assert client.get("/v1/me/ways-in").json == {"kept_here": False, "items": []}
    assert client.post(removal(factor())).status_code == 404


def _make_due(directory: ServiceUnderTest, person: Person) -> None:
    """Let the next try be now instead of after its pause."""
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        uow.session.execute(update(due_work).where(due_work.c.object_id == person.person_id).values(due_at=uow.now))
        uow.commit()
