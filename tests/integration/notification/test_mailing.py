"""Mail through SES (its local stand-in): urgent at once, the rest once a day, failures told."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from infra.servers import ConnectionSettings
from services.notification import bounces, commands
from services.notification.addresses import Address
from services.notification.mailing import Mailing
from services.notification.models import message
from shared import catalogue
from shared.clock import FrozenClock
from shared.config import AwsConfig
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.mail import Mail, MailDelayed, MailRefused, SesMailSender
from shared.principal import Principal
from shared.scheduler import Scheduler
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person


class AddressBook:
    """Addresses as directory would give them."""

    def __init__(self) -> None:
        self.missing: set[str] = set()

    def of(self, person_id: str) -> Address | None:
        """Return a made-up address, or None for somebody directory does not know."""
        return None if person_id in self.missing else Address(f"{person_id}@example.org", "Lena Hart")


class Sender:
    """A mail service that does as it is told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[Mail] = []
        self.error = error

    def send(self, mail: Mail) -> str:
        """Take the mail, or refuse as told."""
        if self.error is not None:
            raise self.error
        self.sent.append(mail)
        return f"provider-{len(self.sent)}-{mail.reference}"


@pytest.fixture
def chair(notification: ServiceUnderTest) -> Person:
    """Return the chair of a trust to whom an urgent message was just told."""
    trust = notification.world.trust()
    person = notification.world.person(trust, Role.CHAIR)
    _tell(notification, event_types.ROUND_SIGN_OFF_REQUESTED, trust)
    return person


def _tell(service: ServiceUnderTest, event_type: str, trust: str) -> None:
    example = next((catalogue.CONTRACTS / "events" / event_type).glob("*.json"))
    service.deliver(event_type, json.loads(example.read_text())["data"], org=trust)


def _mail(service: ServiceUnderTest, sender: Any, book: AddressBook, clock: FrozenClock | None = None) -> None:
    handlers = {
        commands.SEND_AT_ONCE: Mailing(sender, book, "http://localhost:8000", daily=False),
        commands.SEND_SUMMARY: Mailing(sender, book, "http://localhost:8000", daily=True),
    }
    Scheduler(service.database, handlers, stop=lambda: False, clock=clock).run_once()


def _states(service: ServiceUnderTest, person: Person) -> list[str]:
    with service.unit_of_work(Principal.service(person.tenant_id, person.org_id)) as uow:
        found = select(message.c.mail).where(message.c.person_id == person.person_id).order_by(message.c.id)
        return list(uow.session.scalars(found))


def _to(sender: Sender, person: Person) -> list[Mail]:
    return [mail for mail in sender.sent if mail.to.startswith(person.person_id)]


def test_an_urgent_message_is_mailed_at_once_and_only_once(notification: ServiceUnderTest, chair: Person) -> None:
    sender = Sender()

    _mail(notification, sender, AddressBook())
    _mail(notification, sender, AddressBook())

    assert len(_to(sender, chair)) == 1
    assert "Hello Lena Hart," in _to(sender, chair)[0].body
    assert _states(notification, chair) == ["sent"]


def test_what_is_not_urgent_is_gathered_into_one_mail_the_next_morning(notification: ServiceUnderTest) -> None:
    trust = notification.world.trust()
    lead = notification.world.person(trust, Role.IMPROVEMENT_LEAD)
    for _ in range(3):
        _tell(notification, event_types.PLAN_APPROVED, trust)
    sender = Sender()

    _mail(notification, sender, AddressBook())
    today = len(_to(sender, lead))
    _mail(notification, sender, AddressBook(), FrozenClock(datetime.now(UTC) + timedelta(days=1, hours=1)))

    assert today == 0
    assert [mail.subject[:8] for mail in _to(sender, lead)] == ["3 things"]


def test_a_message_read_before_the_summary_is_not_mailed(notification: ServiceUnderTest) -> None:
    trust = notification.world.trust()
    lead = notification.world.person(trust, Role.IMPROVEMENT_LEAD)
    _tell(notification, event_types.PLAN_APPROVED, trust)
    client = notification.client(lead)
    client.post(f"/v1/inbox/{client.get('/v1/inbox').json['items'][0]['id']}/read")
    sender = Sender()

    _mail(notification, sender, AddressBook(), FrozenClock(datetime.now(UTC) + timedelta(days=2)))

    assert _to(sender, lead) == []


def test_a_person_of_two_organisations_gets_one_mail_a_day(notification: ServiceUnderTest) -> None:
    tenant = notification.world.tenant()
    first, second = (notification.world.trust(tenant) for _ in range(2))
    lead = notification.world.person(first, Role.IMPROVEMENT_LEAD)
    notification.world.person(second, Role.IMPROVEMENT_LEAD, person_id=lead.person_id)
    for trust in (first, second):
        _tell(notification, event_types.PLAN_APPROVED, trust)
    sender = Sender()

    _mail(notification, sender, AddressBook(), FrozenClock(datetime.now(UTC) + timedelta(days=1, hours=1)))

    assert [mail.subject[:8] for mail in _to(sender, lead)] == ["2 things"]


def test_an_organisation_that_moves_leaves_the_others_their_mail(notification: ServiceUnderTest) -> None:
    tenant, other = notification.world.tenant(), notification.world.tenant()
    moving, staying = sorted(notification.world.trust(tenant) for _ in range(2))
    lead = notification.world.person(moving, Role.IMPROVEMENT_LEAD)
    notification.world.person(staying, Role.IMPROVEMENT_LEAD, person_id=lead.person_id)
    for trust in (moving, staying):
        _tell(notification, event_types.PLAN_APPROVED, trust)
    moved = {"code": moving, "from_tenant": tenant, "to_tenant": other, "effective_on": f"{datetime.now(UTC):%Y-%m-%d}"}
    notification.deliver(event_types.ORGANISATION_MOVED, moved, org=moving, at=datetime.now(UTC))
    sender = Sender()

    _mail(notification, sender, AddressBook(), FrozenClock(datetime.now(UTC) + timedelta(days=1, hours=1)))

    told = {name for mail in _to(sender, lead) for name in (moving, staying) if name in mail.subject + mail.body}
    assert told == {moving, staying}


def test_who_has_left_is_mailed_about_the_end_of_the_role_and_about_nothing_else(
    notification: ServiceUnderTest,
) -> None:
    trust = notification.world.trust()
    owner = notification.world.person(trust, Role.ACTION_OWNER)
    about = {"action_id": str(new_id()), "plan_id": str(new_id()), "owner_id": owner.person_id}
    overdue = next((catalogue.CONTRACTS / "events" / event_types.ACTION_BECAME_OVERDUE).glob("*.json"))
    ended = {
        "membership_id": str(new_id()),
        "person_id": owner.person_id,
        "org_id": trust,
        "role": Role.ACTION_OWNER.value,
        "ended_at": datetime.now(UTC).isoformat(),
    }
    notification.deliver(event_types.ACTION_BECAME_OVERDUE, json.loads(overdue.read_text())["data"] | about, org=trust)
    notification.deliver(event_types.MEMBERSHIP_ENDED, ended, org=trust)
    sender = Sender()

    _mail(notification, sender, AddressBook(), FrozenClock(datetime.now(UTC) + timedelta(days=1, hours=1)))

    assert ["no longer act" in mail.subject for mail in _to(sender, owner)] == [True]
    assert sorted(_states(notification, owner)) == ["none", "sent"]


def test_a_mail_refused_for_good_is_noted_and_told(notification: ServiceUnderTest, chair: Person) -> None:
    _mail(notification, Sender(MailRefused("MessageRejected")), AddressBook())

    assert _states(notification, chair) == ["failed"]
    told = notification.events(event_types.MESSAGE_FAILED, org=chair.org_id)
    assert [event.data["failure_code"] for event in told] == ["refused"]


def test_somebody_without_an_address_is_noted_and_told(notification: ServiceUnderTest, chair: Person) -> None:
    book = AddressBook()
    book.missing.add(chair.person_id)

    _mail(notification, Sender(), book)

    told = notification.events(event_types.MESSAGE_FAILED, org=chair.org_id)
    assert [event.data["failure_code"] for event in told] == ["no_address"]


def test_a_mail_service_that_asks_to_slow_down_is_tried_again(notification: ServiceUnderTest, chair: Person) -> None:
    _mail(notification, Sender(MailDelayed("Throttling")), AddressBook())
    waiting = _states(notification, chair)
    sender = Sender()
    _mail(notification, sender, AddressBook(), FrozenClock(datetime.now(UTC) + timedelta(hours=1)))

    assert waiting == ["at_once"]
    assert len(_to(sender, chair)) == 1


class Queue:
    """The mail service's queue, with one bounce in it twice."""

    def __init__(self, body: str) -> None:
        self.waiting = [("r1", body), ("r2", body), ("r3", "not json")]

    def receive(self) -> list[tuple[str, str]]:
        """Return what waits."""
        return list(self.waiting)

    def done(self, receipt: str) -> None:
        """Take one off."""
        self.waiting = [each for each in self.waiting if each[0] != receipt]


def test_a_bounce_is_recorded_once_and_told(notification: ServiceUnderTest, chair: Person) -> None:
    sender = Sender()
    _mail(notification, sender, AddressBook())
    mail = _to(sender, chair)[0]
    provider_id = f"provider-{sender.sent.index(mail) + 1}-{mail.reference}"
    mail_part = {"messageId": provider_id, "tags": {"reference": [mail.reference]}}
    queue = Queue(json.dumps({"eventType": "Bounce", "bounce": {"bounceType": "Permanent"}, "mail": mail_part}))

    bounces.collect(queue, lambda tenant, org: notification.unit_of_work(Principal.service(tenant, org)))

    assert queue.waiting == []
    assert _states(notification, chair) == ["bounced"]
    assert len(notification.events(event_types.MESSAGE_FAILED, org=chair.org_id)) == 1


def test_mail_reaches_the_real_interface_of_the_mail_service(
    servers: ConnectionSettings, notification: ServiceUnderTest, chair: Person
) -> None:
    ses = servers.ses
    config = AwsConfig(
        region=ses.region,
        access_key=ses.access_key,
        secret_key=ses.secret_key,
        s3_endpoint=None,
        ses_endpoint=ses.endpoint,
        bucket="none",
        mail_from=ses.sender,
    )

    _mail(notification, SesMailSender(config), AddressBook())

    assert _states(notification, chair) == ["sent"]


def test_an_unknown_sender_is_refused_for_good(servers: ConnectionSettings) -> None:
    ses = servers.ses
    config = AwsConfig(
        ses.region, ses.access_key, ses.secret_key, None, ses.endpoint, "none", "stranger@nowhere.example"
    )

    with pytest.raises(MailRefused):
        SesMailSender(config).send(Mail("somebody@example.org", "s", "b", "X-1"))


def test_a_mail_service_that_is_away_delays(servers: ConnectionSettings) -> None:
    ses = servers.ses
    config = AwsConfig(ses.region, ses.access_key, ses.secret_key, None, "http://127.0.0.1:9", "none", ses.sender)

    with pytest.raises(MailDelayed):
        SesMailSender(config).send(Mail("somebody@example.org", "s", "b", "X-1"))
