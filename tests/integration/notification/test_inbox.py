"""Events become messages in the right inboxes, once, and nobody reads another person's."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from services.notification import models
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person

ROUND = str(new_id())


def _sign_off_requested(service: ServiceUnderTest, trust: str, **options: Any) -> None:
    import json

    from shared.catalogue import CONTRACTS

    example = next((CONTRACTS / "events" / event_types.ROUND_SIGN_OFF_REQUESTED).glob("*.json"))
    data = json.loads(example.read_text())["data"]
    service.deliver(event_types.ROUND_SIGN_OFF_REQUESTED, data, org=trust, **options)


def _answering_closed(service: ServiceUnderTest, trust: str) -> None:
    data = {"round_id": ROUND, "closed_on": "2026-05-18", "discussion_on": None, "invited": 6, "finished": 5}
    service.deliver(event_types.ROUND_CLOSED, data | {"ranges_shown": True}, org=trust)


def _mails(service: ServiceUnderTest, person: Person) -> list[str]:
    """Return what becomes of the mail of each of a person's messages in an organisation."""
    row = models.message.c
    with service.unit_of_work(Principal.service(person.tenant_id, person.org_id)) as uow:
        found = select(row.mail).where(row.person_id == person.person_id, row.org_id == person.org_id)
        return list(uow.session.scalars(found))


def _inbox(service: ServiceUnderTest, person: Person) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = service.client(person).get("/v1/inbox").json["items"]
    return items


@pytest.fixture
def trust(notification: ServiceUnderTest) -> str:
    """Return a trust of this test."""
    return notification.world.trust()


def test_whoever_must_act_next_is_told_and_nobody_else(notification: ServiceUnderTest, trust: str) -> None:
    chair = notification.world.person(trust, Role.CHAIR)
    member = notification.world.person(trust, Role.BOARD_MEMBER)
    elsewhere = notification.world.person(notification.world.trust(), Role.CHAIR)

    _sign_off_requested(notification, trust)

    assert [item["kind"] for item in _inbox(notification, chair)] == ["sign-off-waiting"]
    assert _inbox(notification, member) == []
    assert _inbox(notification, elsewhere) == []


def test_the_secretary_is_asked_to_record_what_the_board_decided(notification: ServiceUnderTest, trust: str) -> None:
    secretary = notification.world.person(trust, Role.COMPANY_SECRETARY)

    _sign_off_requested(notification, trust)

    assert [item["kind"] for item in _inbox(notification, secretary)] == ["decision-to-record"]


def test_a_message_says_in_words_what_happened_and_links_to_it(notification: ServiceUnderTest, trust: str) -> None:
    chair = notification.world.person(trust, Role.CHAIR)
    _sign_off_requested(notification, trust)

    item = _inbox(notification, chair)[0]

    assert item["link"].startswith("/rounds/")
    assert "{" not in item["title"] + item["line"]
    assert item["read_at"] is None


def test_reading_a_message_counts_once(notification: ServiceUnderTest, trust: str) -> None:
    chair = notification.client(notification.world.person(trust, Role.CHAIR))
    _sign_off_requested(notification, trust)
    message = chair.get("/v1/inbox").json["items"][0]

    first = chair.post(f"/v1/inbox/{message['id']}/read").json
    second = chair.post(f"/v1/inbox/{message['id']}/read").json

    assert first == second
    assert chair.get("/v1/inbox?unread=true").json["unread"] == 0


def test_another_persons_message_does_not_exist_for_me(notification: ServiceUnderTest, trust: str) -> None:
    chair = notification.client(notification.world.person(trust, Role.CHAIR))
    colleague = notification.client(notification.world.person(trust, Role.IMPROVEMENT_LEAD))
    _sign_off_requested(notification, trust)
    message = chair.get("/v1/inbox").json["items"][0]

    assert colleague.get(f"/v1/inbox/{message['id']}").status_code == 404
    assert colleague.post(f"/v1/inbox/{message['id']}/read").status_code == 404


def test_whoever_did_it_is_not_told_of_their_own_act(notification: ServiceUnderTest, trust: str) -> None:
    chair = notification.world.person(trust, Role.CHAIR)

    _sign_off_requested(notification, trust, actor=chair.person_id)

    assert _inbox(notification, chair) == []


def test_a_mail_that_can_be_turned_off_stays_off(notification: ServiceUnderTest, trust: str) -> None:
    owner = notification.client(notification.world.person(trust, Role.ACTION_OWNER))

    changed = owner.put("/v1/preferences", {"mails": {"action-overdue": False}})

    chosen = {item["kind"]: item["mail"] for item in changed.json["items"]}
    assert chosen["action-overdue"] is False
    assert chosen["action-assigned"] is True


def test_people_choose_among_the_mails_that_may_reach_them(notification: ServiceUnderTest, trust: str) -> None:
    def choices(role: Role) -> set[str]:
        somebody = notification.client(notification.world.person(trust, role))
        return {item["kind"] for item in somebody.get("/v1/preferences").json["items"]}

    of_a_chair, of_a_lead = choices(Role.CHAIR), choices(Role.IMPROVEMENT_LEAD)

    assert "action-due-soon" in of_a_chair & of_a_lead, "anybody may own an action"
    assert ("plan-drafted" in of_a_lead, "plan-drafted" in of_a_chair) == (True, False)
    assert {"question-set-waiting", "shared-with-you"}.isdisjoint(of_a_chair | of_a_lead)


def test_what_was_chosen_before_a_role_changed_is_kept(notification: ServiceUnderTest, trust: str) -> None:
    other = notification.world.person(trust, Role.CHAIR)
    notification.client(other).put("/v1/preferences", {"mails": {"plan-drafted": False}})
    now_lead = notification.world.person(trust, Role.IMPROVEMENT_LEAD, person_id=other.person_id)

    chosen = {item["kind"]: item["mail"] for item in notification.client(now_lead).get("/v1/preferences").json["items"]}

    assert chosen["plan-drafted"] is False


def test_a_mail_turned_off_for_one_organisation_still_comes_for_another_of_the_same_icb(
    notification: ServiceUnderTest, trust: str
) -> None:
    other = notification.world.trust(notification.world.tenant_of(trust))
    here = notification.world.person(trust, Role.IMPROVEMENT_LEAD)
    there = notification.world.person(other, Role.IMPROVEMENT_LEAD, person_id=here.person_id)
    notification.client(here).put("/v1/preferences", {"mails": {"answering-closed": False}})

    for org in (trust, other):
        _answering_closed(notification, org)

    assert (_mails(notification, here), _mails(notification, there)) == (["none"], ["daily"])


def test_a_reset_second_factor_is_told_once_to_its_owner_and_to_each_organisation_the_person_acts_for(
    notification: ServiceUnderTest, trust: str
) -> None:
    other = notification.world.trust()
    owner = notification.world.person(trust, Role.BOARD_MEMBER)
    also = notification.world.person(other, Role.BOARD_MEMBER, person_id=owner.person_id)
    chair = notification.world.person(trust, Role.CHAIR)
    managers = [notification.world.person(other, role) for role in (Role.CHAIR, Role.ACCESS_MANAGER)]

    for org, asked_in in ((trust, "here"), (other, "elsewhere")):
        data = {"person_id": owner.person_id, "org_id": trust, "reset_at": "2026-11-01T09:00:00Z"}
        told = data | {"asked_in": asked_in}
        notification.deliver(event_types.SECOND_FACTOR_RESET, told, org=org, key=owner.person_id)

    assert [item["kind"] for item in _inbox(notification, owner)] == ["your-second-factor-reset"]
    assert [item["kind"] for item in _inbox(notification, also)] == []
    assert [item["kind"] for item in _inbox(notification, chair)] == ["second-factor-reset-here"]
    for manager in managers:
        assert [item["kind"] for item in _inbox(notification, manager)] == ["second-factor-reset-elsewhere"]


def test_a_passkey_that_was_removed_is_told_to_its_owner_alone(notification: ServiceUnderTest, trust: str) -> None:
    owner = notification.world.person(trust, Role.BOARD_MEMBER)
    others = [notification.world.person(trust, role) for role in (Role.CHAIR, Role.ACCESS_MANAGER)]
    data = {"person_id": owner.person_id, "org_id": trust, "removed_at": "2026-11-01T09:00:00Z"}

    notification.deliver(event_types.PASSKEY_REMOVED, data, org=trust, key=owner.person_id)

    (item,) = _inbox(notification, owner)
    assert (item["kind"], item["link"]) == ("your-passkey-removed", "/account")
    assert [_inbox(notification, one) for one in others] == [[], []]


@pytest.mark.parametrize("mails", [{"sign-off-waiting": False}, {"made-up": True}, {}])
def test_a_mail_that_somebody_waits_for_cannot_be_turned_off(
    notification: ServiceUnderTest, trust: str, mails: dict[str, bool]
) -> None:
    chair = notification.client(notification.world.person(trust, Role.CHAIR))

    refused = chair.put("/v1/preferences", {"mails": mails})

    assert refused.status_code == 422
    assert refused.json["errors"]


def test_the_inbox_costs_few_statements(notification: ServiceUnderTest, trust: str) -> None:
    chair = notification.client(notification.world.person(trust, Role.CHAIR))
    for _ in range(3):
        _sign_off_requested(notification, trust)
    chair.get("/v1/inbox")

    with notification.counted_statements() as statements:
        chair.get("/v1/inbox")

    assert len(statements) == 4  # principal, membership, page, unread


def test_messages_move_with_their_organisation(notification: ServiceUnderTest, trust: str) -> None:
    old = notification.world.tenant_of(trust)
    new = notification.world.tenant()
    chair = notification.world.person(trust, Role.CHAIR)
    _sign_off_requested(notification, trust)

    notification.deliver(
        event_types.ORGANISATION_MOVED,
        {"code": trust, "from_tenant": old, "to_tenant": new, "effective_on": datetime.now(UTC).date().isoformat()},
        org=trust,
    )

    moved = Person(chair.person_id, new, trust, chair.roles)
    assert [item["kind"] for item in _inbox(notification, moved)] == ["sign-off-waiting"]
    assert notification.client(chair).get("/v1/inbox").status_code == 403
