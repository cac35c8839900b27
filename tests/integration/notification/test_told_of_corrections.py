"""Whoever's name was corrected, or address changed, is told at once, and nobody else is."""

import pytest
from sqlalchemy import select

from services.notification import models
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.principal import Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person


@pytest.fixture
def trust(notification: ServiceUnderTest) -> str:
    """Return a trust of this test."""
    return notification.world.trust()


def _mails(service: ServiceUnderTest, person: Person) -> list[str]:
    row = models.message.c
    with service.unit_of_work(Principal.service(person.tenant_id, person.org_id)) as uow:
        return list(uow.session.scalars(select(row.mail).where(row.person_id == person.person_id)))


@pytest.mark.parametrize(
    ("event_type", "at", "kind"),
    [
        (event_types.PERSON_NAME_CORRECTED, "corrected_at", "your-name-corrected"),
        (event_types.PERSON_ADDRESS_CHANGED, "changed_at", "your-address-changed"),
    ],
)
def test_what_was_corrected_about_a_person_is_told_to_that_person_alone(
    notification: ServiceUnderTest, trust: str, event_type: str, at: str, kind: str
) -> None:
    owner = notification.world.person(trust, Role.BOARD_MEMBER)
    others = [notification.world.person(trust, role) for role in (Role.CHAIR, Role.ACCESS_MANAGER)]
    data = {"person_id": owner.person_id, "org_id": trust, at: "2026-11-01T09:00:00Z"}

    notification.deliver(event_type, data, org=trust, key=owner.person_id, actor=owner.person_id)

    (item,) = notification.client(owner).get("/v1/inbox").json["items"]
    assert (item["kind"], item["link"]) == (kind, "/account")
    assert _mails(notification, owner) == ["at_once"]
    assert [notification.client(one).get("/v1/inbox").json["items"] for one in others] == [[], []]
