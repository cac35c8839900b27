"""T2 for mails: everything that happens in a scene is told to people and mailed, and no mail holds a word of others."""

from datetime import date

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from infra.servers import ConnectionSettings
from services.directory.address_mail import SendAddressLink, TellFormerAddress
from services.directory.commands import address_changes
from services.directory.commands.invitations import SEND
from services.directory.invitation_mail import SendInvitation
from services.notification import commands
from services.notification.addresses import Address
from services.notification.mailing import Mailing
from shared.config import AwsConfig
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.scheduler import DueHandler, Scheduler
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.directory.conftest import Register
from tests.security.canaries.mailbox import Mailbox
from tests.security.canaries.planting import CANARY, words
from tests.security.canaries.recording import Scene

PORTAL = "http://localhost:8000"
READER = "reader.example"
SISTER = "sister.example"
KNOWN = ("known_organisation", "known_tenancy", "known_membership")
TELLS_NOBODY = {"competency_framework", "insight"}
"""Services in whose scenes nothing happens that anybody hears of by mail."""


class Readers:
    """Addresses as directory would give them: a person's own, and the name is no canary."""

    def of(self, person_id: str) -> Address:
        """Return a person's address."""
        return Address(f"{person_id}@{READER}", "Robin Field")


@pytest.fixture
def mailbox(outside: ConnectionSettings, aws: AwsConfig) -> Mailbox:
    """Return the mailbox of everybody."""
    return Mailbox(aws, outside.ses.folder)


def _introduce(scene: Scene, notification: ServiceUnderTest) -> None:
    """Let notification know the trust, its ICB and their people, as the events of directory would."""
    with (
        psycopg.connect(scene.service.superuser_url, row_factory=dict_row) as there,
        psycopg.connect(notification.superuser_url) as here,
    ):
        for table in KNOWN:
            source = sql.Identifier(scene.service.name, table)
            query = sql.SQL("select * from {} where org_id = any(%s)").format(source)
            for row in there.execute(query, [[scene.org, scene.tenant]]):
                _copy(here, table, row)


def _copy(here: psycopg.Connection[tuple[object, ...]], table: str, row: dict[str, object]) -> None:
    statement = sql.SQL("insert into {} ({}) values ({}) on conflict do nothing").format(
        sql.Identifier("notification", table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    here.execute(statement, list(row.values()))


def _tell(scene: Scene, notification: ServiceUnderTest) -> None:
    """Let people hear of everything that happened in the scene."""
    for event in scene.service.events():
        if event.org_id in (scene.org, scene.tenant):
            known = {"key": event.key, "version": event.aggregate_version, "actor": event.actor}
            notification.deliver(event.type, dict(event.data), org=event.org_id, **known)


def test_what_people_are_mailed_about_holds_nobodys_words(
    scene: Scene, notification: ServiceUnderTest, mailbox: Mailbox
) -> None:
    if scene.service.name != notification.name:
        _introduce(scene, notification)
        _tell(scene, notification)

    ways = {commands.SEND_AT_ONCE: False, commands.SEND_SUMMARY: True}
    sender = mailbox.sender()
    mailbox.deliver(
        notification, {kind: Mailing(sender, Readers(), PORTAL, daily=daily) for kind, daily in ways.items()}
    )

    people = {person.person_id for person in scene.people()}
    mails = [(to, text) for to, text in mailbox.mails() if to.endswith(f"@{READER}")]
    assert [to for to, text in mails if CANARY.search(to + text)] == []
    assert bool(people & {to.partition("@")[0] for to, _ in mails}) is (scene.service.name not in TELLS_NOBODY)


@pytest.mark.parametrize("scene", ["directory"], indirect=True)
def test_an_invitation_is_mailed_to_whom_it_is_for_and_holds_no_other_trusts_words(
    scene: Scene, mailbox: Mailbox
) -> None:
    """The one mail that no event brings about: directory sends it itself."""
    _invite_next_door(scene)

    mailbox.deliver(scene.service, {SEND: SendInvitation(mailbox.sender(), PORTAL)})

    said = {to: text for to, text in mailbox.mails() if CANARY.search(to) or to.endswith(SISTER)}
    assert {_whose(to) for to in said} == {"trust", "sister"}
    assert [
        to for to, text in said.items() if {_whose(found[0]) for found in CANARY.finditer(text)} != {_whose(to)}
    ] == []


@pytest.mark.parametrize("scene", ["directory"], indirect=True)
def test_the_mails_of_a_changed_address_hold_nobodys_words(scene: Scene, mailbox: Mailbox) -> None:
    """They go to a mailbox that may be a stranger's: neither says whose account it is."""
    sender = mailbox.sender()
    due: dict[str, DueHandler] = {
        address_changes.SEND: SendAddressLink(sender, PORTAL),
        address_changes.TELL: TellFormerAddress(sender),
    }

    Scheduler(scene.service.database, due, stop=lambda: False).run_once()

    said = [text for to, text in mailbox.mails() if CANARY.search(to)]
    assert len(said) == 2
    assert [text for text in said if CANARY.search(text) or scene.author.person_id in text] == []


def _invite_next_door(scene: Scene) -> None:
    """Let a sister trust invite somebody too."""
    register = Register(scene.service)
    manager = register.person(register.trust(scene.tenant), Role.ACCESS_MANAGER, name=words("sister", "manager"))
    body = {"name": words("sister", "invited"), "email": f"{new_id()}@{SISTER}", "role": "board-member"}
    sent = scene.service.client(manager).post("/v1/invitations", body | {"until": date(2031, 3, 31).isoformat()})
    assert sent.status_code == 201, sent.json


def _whose(text: str) -> str:
    return "sister" if "sister" in text else "trust"
