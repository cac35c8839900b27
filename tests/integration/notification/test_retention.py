"""Messages and their mails go twelve months after they were made; nothing is told or mailed again for want of them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select

from services.notification.commands import Addressee, Occasion, tell
from services.notification.domain.retention import MESSAGE_KEPT_MONTHS
from services.notification.models import message, preference
from services.notification.retention import FORGET, forget_preferences
from services.notification.wording import message_kinds
from shared.clock import FrozenClock, local_day, months_before
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.mechanism import known_membership, known_organisation
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.notification.test_mailing import AddressBook, Sender, _mail, _tell, _to

NOW = datetime.now(UTC).replace(microsecond=0)
BEFORE = months_before(NOW, MESSAGE_KEPT_MONTHS)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def member(notification: ServiceUnderTest) -> Person:
    """Return a board member of a trust."""
    return notification.world.person(notification.world.trust(), Role.BOARD_MEMBER)


def forget(notification: ServiceUnderTest) -> None:
    clock = FrozenClock(NOW)
    FORGET.run(lambda tenant, org: UnitOfWork(notification.database, Principal.service(tenant, org), clock=clock))


def hand(who: Person) -> Principal:
    return Principal.service(who.tenant_id, who.org_id)


def told(notification: ServiceUnderTest, who: Person, kind: str, at: datetime, **more: Any) -> UUID:
    """Write down a message as if it had been told at some time."""
    row = {
        "tenant_id": who.tenant_id,
        "id": new_id(),
        "org_id": who.org_id,
        "person_id": who.person_id,
        "kind": kind,
        "event_id": new_id(),
        "about": "x",
        "link": "/x",
        "gaps": {},
        "created_at": at,
        "mail": "sent",
    } | more
    with notification.unit_of_work(hand(who)) as uow:
        uow.session.execute(insert(message).values(row))
        uow.commit()
    return UUID(str(row["id"]))


def kept(notification: ServiceUnderTest, who: Person) -> set[UUID]:
    with notification.unit_of_work(hand(who)) as uow:
        return set(uow.session.execute(select(message.c.id).where(message.c.person_id == who.person_id)).scalars())


def leave(notification: ServiceUnderTest, who: Person, at: datetime) -> UUID:
    """End every role of somebody at their organisation, and say so as of some time."""
    with notification.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        uow.session.execute(known_membership.delete().where(known_membership.c.person_id == who.person_id))
        uow.commit()
    return told(notification, who, "your-role-ended", at)


@pytest.mark.parametrize("mail", ["none", "sent", "failed", "bounced", "daily"])
def test_messages_go_with_the_record_of_their_mail_and_no_sooner(
    notification: ServiceUnderTest, member: Person, mail: str
) -> None:
    told(notification, member, "plan-approved", BEFORE, mail=mail, provider_id="p-1")
    stays = told(notification, member, "plan-approved", BEFORE + SECOND, mail=mail)

    forget(notification)

    assert kept(notification, member) == {stays}


def test_those_of_every_tenant_go_and_of_the_national_team(notification: ServiceUnderTest, member: Person) -> None:
    people = [member, notification.world.person(notification.world.trust(), Role.CHAIR)]
    people.append(notification.world.national("national-analyst"))
    for who in people:
        told(notification, who, "figures-published", BEFORE)

    forget(notification)

    assert [kept(notification, who) for who in people] == [set()] * 3


def test_what_is_told_again_so_late_is_told_no_second_time(notification: ServiceUnderTest, member: Person) -> None:
    """An event read back from the beginning finds no trace of its message: it is too old to be told at all."""
    example = {"person_id": member.person_id, "org_id": member.org_id, "reset_at": BEFORE, "asked_in": "here"}
    data = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in example.items()}
    slightly_younger = months_before(datetime.now(UTC), MESSAGE_KEPT_MONTHS) + DAY

    notification.deliver(event_types.SECOND_FACTOR_RESET, data, org=member.org_id, at=BEFORE - SECOND)
    before = kept(notification, member)
    notification.deliver(event_types.SECOND_FACTOR_RESET, data, org=member.org_id, at=slightly_younger)

    assert (before, len(kept(notification, member))) == (set(), 1)


def test_that_a_role_ended_is_told_however_late_since_it_keeps_mails_away(
    notification: ServiceUnderTest, member: Person
) -> None:
    """The event was set aside and released after a year: somebody else's end is told no more, one's own is."""
    chair = notification.world.person(member.org_id, Role.CHAIR)
    ended = {
        "membership_id": str(new_id()),
        "person_id": member.person_id,
        "org_id": member.org_id,
        "role": Role.BOARD_MEMBER.value,
        "ended_at": (BEFORE - DAY).isoformat(),
    }

    notification.deliver(event_types.MEMBERSHIP_ENDED, ended, org=member.org_id, at=BEFORE - DAY)

    assert [len(kept(notification, who)) for who in (member, chair)] == [1, 0]


def test_who_left_an_organisation_is_mailed_nothing_about_it_however_long_ago(
    notification: ServiceUnderTest, member: Person
) -> None:
    """The word that the role ended is what keeps mails away: it stays until they come back."""
    trace = leave(notification, member, BEFORE - DAY)
    told(notification, member, "plan-approved", BEFORE - DAY)

    forget(notification)

    assert kept(notification, member) == {trace}
    kind, sender = message_kinds()["item-question-answered"], Sender()
    data = {"round_id": str(new_id()), "item_id": "x", "question_id": str(new_id())}
    with notification.unit_of_work(hand(member)) as uow:
        occasion = Occasion(new_id(), "x", data, {"organisation.name": "x"})
        tell(uow, kind, occasion, [Addressee(member.person_id, member.org_id)])
        uow.commit()
    _mail(notification, sender, AddressBook(), FrozenClock(NOW + 2 * DAY))
    assert _to(sender, member) == []


def test_the_word_that_a_role_ended_goes_once_they_are_back(notification: ServiceUnderTest, member: Person) -> None:
    leave(notification, member, BEFORE - DAY)
    notification.world.person(member.org_id, Role.CHAIR, person_id=member.person_id)

    forget(notification)

    assert kept(notification, member) == set()


def chose(notification: ServiceUnderTest, who: Person) -> None:
    row = {"tenant_id": who.tenant_id, "org_id": who.org_id, "person_id": who.person_id, "kind": "plan-approved"}
    with notification.unit_of_work(hand(who)) as uow:
        uow.session.execute(insert(preference).values(**row, mail=False, changed_at=BEFORE - 90 * DAY))
        uow.commit()


def choices(notification: ServiceUnderTest, who: Person) -> int:
    with notification.unit_of_work(hand(who)) as uow:
        mine = select(func.count()).select_from(preference).where(preference.c.person_id == who.person_id)
        return int(uow.session.execute(mine).scalar_one())


@pytest.mark.parametrize(("left_at", "stays"), [(BEFORE, 0), (BEFORE + SECOND, 1), (None, 1)])
def test_which_mails_somebody_wanted_goes_a_year_after_they_left(
    notification: ServiceUnderTest, member: Person, left_at: datetime | None, stays: int
) -> None:
    chose(notification, member)
    if left_at is not None:
        leave(notification, member, BEFORE - 30 * DAY)
        leave(notification, member, left_at)

    forget(notification)

    assert choices(notification, member) == stays


@pytest.mark.parametrize(("days_after", "stays"), [(-1, 0), (0, 1)])
def test_which_mails_somebody_wanted_goes_a_year_after_the_organisation_closed(
    notification: ServiceUnderTest, member: Person, days_after: int, stays: int
) -> None:
    """Closing ends no membership, so nobody there was told that a role ended."""
    chose(notification, member)
    last_day = local_day(BEFORE) + timedelta(days=days_after)
    with notification.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        ours = known_organisation.c.org_id == member.org_id
        uow.session.execute(known_organisation.update().where(ours).values(closed_on=last_day))
        uow.commit()

    forget(notification)

    assert choices(notification, member) == stays


def test_which_mails_somebody_wants_who_is_back_stays(notification: ServiceUnderTest, member: Person) -> None:
    chose(notification, member)
    leave(notification, member, BEFORE - DAY)
    notification.world.person(member.org_id, Role.CHAIR, person_id=member.person_id)

    with notification.unit_of_work(hand(member)) as uow:  # before the word that they left has gone
        gone = forget_preferences(uow, 10)
        uow.commit()

    assert (gone, choices(notification, member)) == (0, 1)


def test_nothing_of_a_reminder_waiting_is_touched(notification: ServiceUnderTest) -> None:
    trust = notification.world.trust()
    lead = notification.world.person(trust, Role.IMPROVEMENT_LEAD)
    _tell(notification, event_types.PLAN_APPROVED, trust)
    sender = Sender()

    forget(notification)
    _mail(notification, sender, AddressBook(), FrozenClock(datetime.now(UTC) + DAY + timedelta(hours=1)))

    assert len(_to(sender, lead)) == 1
