"""Every event that people hear of becomes messages, by one rule: the words say which events and who is told."""

from collections.abc import Callable, Iterator

from sqlalchemy import select

from services.notification import commands, queries
from services.notification.commands import Addressee, Occasion
from services.notification.domain.message_kinds import MessageKind, Recipients, people_in
from services.notification.domain.retention import MESSAGE_KEPT_MONTHS, is_too_old_to_tell
from services.notification.wording import kinds_of_event
from shared import replica
from shared.clock import months_before
from shared.contracts.roles import Role, role_register
from shared.database import UnitOfWork
from shared.envelope import ReceivedEvent
from shared.mechanism import known_membership

ABOUT = ("action_id", "plan_id", "round_id", "figures_id", "draft_id", "question_set_id", "person_id", "code")
"""Which id of an event names the thing it is about, the narrowest first."""


def on_event(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Tell whoever the words name; whoever did it and is told only by role is left out."""
    too_old = is_too_old_to_tell(event.time, months_before(uow.now, MESSAGE_KEPT_MONTHS))
    for kind in kinds_of_event()[event.type]:
        # However late it comes, the word that a role ended keeps mails away from whoever held it.
        if kind.is_wanted_for(event.data) and not (too_old and kind.kind != queries.ROLE_ENDED):
            occasion = Occasion(event.id, _about(event), event.data, _names(uow, event))
            commands.tell(uow, kind, occasion, _addressees(uow, kind, event))


def _about(event: ReceivedEvent) -> str:
    return next((str(event.data[name]) for name in ABOUT if event.data.get(name)), event.key)


def _names(uow: UnitOfWork, event: ReceivedEvent) -> dict[str, str]:
    role = event.data.get("role")
    return {
        "organisation.name": queries.organisation_name(uow, event.org_id),
        "audience.name": queries.organisation_name(uow, event.data.get("audience_tenant")),
        "role.title": role_register()[Role(role)].title if role else "",
    }


def _addressees(uow: UnitOfWork, kind: MessageKind, event: ReceivedEvent) -> Iterator[Addressee]:
    for recipients in kind.recipients:
        if recipients.field is not None:
            for person in people_in(event.data, recipients.field):
                yield Addressee(person, event.org_id)
        else:
            yield from (found for found in _by_role(uow, recipients, event) if found.person_id != event.actor)


def _by_role(uow: UnitOfWork, recipients: Recipients, event: ReceivedEvent) -> Iterator[Addressee]:
    if recipients.of == "everywhere":
        yield from _everywhere(uow, recipients.roles)
        return
    org_id = event.org_id if recipients.of == "organisation" else str(event.data["audience_tenant"])
    for person in replica.people_with_role(uow, org_id, recipients.roles):
        yield Addressee(person, org_id)


def _everywhere(uow: UnitOfWork, roles: tuple[str, ...]) -> Iterator[Addressee]:
    held = known_membership.c
    statement = select(held.person_id, held.org_id).where(held.role.in_(roles), replica.held_today(uow.now))
    for row in uow.session.execute(statement):
        yield Addressee(row.person_id, row.org_id)


HANDLERS: dict[str, Callable[[UnitOfWork, ReceivedEvent], None]] = dict.fromkeys(kinds_of_event(), on_event)
