"""Messages say an organisation's name, even one that was written before its entry in the register came in."""

from typing import Any

import psycopg
import pytest

from services.notification import commands
from services.notification.mailing import Mailing
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.scheduler import Scheduler
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.notification.test_mailing import AddressBook, Sender

NAME = "Aldermere NHS Trust (fictional)"


@pytest.fixture
def member(notification: ServiceUnderTest) -> Person:
    """Return somebody whom a trust has just put on its board, before this service heard the trust's name."""
    trust = notification.world.trust()
    with psycopg.connect(notification.superuser_url) as connection:
        connection.execute("delete from notification.known_organisation where org_id = %s", [trust])
    person = Person(str(new_id()), notification.world.tenant_of(trust), trust, frozenset({Role.BOARD_MEMBER}))
    _granted(notification, person)
    return person


def _granted(service: ServiceUnderTest, person: Person) -> None:
    data = {
        "membership_id": str(new_id()),
        "person_id": person.person_id,
        "org_id": person.org_id,
        "role": "board-member",
        "valid_from": "2026-03-02T09:00:00Z",
        "valid_to": None,
    }
    service.deliver(event_types.MEMBERSHIP_GRANTED, data, org=person.org_id, key=person.person_id)


def _registered(service: ServiceUnderTest, person: Person) -> None:
    data = {
        "code": person.org_id,
        "name": NAME,
        "kind": "trust",
        "tenant": person.tenant_id,
        "region": "Y60",
        "sector": "acute",
        "fictional": True,
        "valid_from": "2026-04-01",
        "valid_to": None,
    }
    service.deliver(event_types.ORGANISATION_REGISTERED, data, org=person.org_id, key=person.org_id)


def _said(service: ServiceUnderTest, person: Person) -> list[str]:
    client = service.client(person)
    items: list[dict[str, Any]] = client.get("/v1/inbox").json["items"]
    assert [client.get(f"/v1/inbox/{item['id']}").json["line"] for item in items] == [item["line"] for item in items]
    return [item["line"] for item in items]


def test_a_message_says_the_name_from_when_it_is_known(notification: ServiceUnderTest, member: Person) -> None:
    before = _said(notification, member)

    _registered(notification, member)

    assert before == [f"Board member at {member.org_id}."]
    assert _said(notification, member) == [f"Board member at {NAME}."]


def test_a_name_that_was_known_is_kept_as_it_was_told(notification: ServiceUnderTest, member: Person) -> None:
    _registered(notification, member)
    other = Person(str(new_id()), member.tenant_id, member.org_id, frozenset({Role.BOARD_MEMBER}))
    _granted(notification, other)

    renamed = {"code": member.org_id, "name": "Newer", "previous_name": NAME, "effective_on": "2026-05-01"}
    notification.deliver(event_types.ORGANISATION_RENAMED, renamed, org=member.org_id, key=member.org_id, version=2)

    assert _said(notification, other) == [f"Board member at {NAME}."]


def test_one_statement_asks_for_the_names_of_a_page_that_wants_any(
    notification: ServiceUnderTest, member: Person
) -> None:
    _granted(notification, member)
    _registered(notification, member)
    client = notification.client(member)
    client.get("/v1/inbox")

    with notification.counted_statements() as statements:
        items = client.get("/v1/inbox").json["items"]

    assert len(items) == 2
    assert len(statements) == 5  # principal, membership, page, unread, names


def test_a_mail_says_the_name_that_came_in_before_it_was_sent(notification: ServiceUnderTest, member: Person) -> None:
    _registered(notification, member)
    sender = Sender()
    mailing = Mailing(sender, AddressBook(), "http://localhost:8000", daily=False)

    Scheduler(notification.database, {commands.SEND_AT_ONCE: mailing}, stop=lambda: False).run_once()

    (mail,) = [mail for mail in sender.sent if mail.to.startswith(member.person_id)]
    assert mail.subject == f"{NAME}: you can now act as Board member"
    assert member.org_id not in mail.body.replace(f"?for={member.org_id}", "")
