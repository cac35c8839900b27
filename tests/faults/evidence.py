"""Gathers what the identities judge: rows and books from the database, and the topics as another client reads them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import psycopg

from services.insight.handlers import HANDLERS as SHOWN
from shared import catalogue
from shared.contracts import event_types
from tests.faults import event_identities, identities
from tests.faults.audit_trail import AuditTrail
from tests.faults.event_identities import Handled, Sent, Told, TopicKey
from tests.faults.foreign_reader import read_topics
from tests.faults.identities import Finding, Message, Row
from tests.faults.ledger import Operation
from tests.faults.load import ACTION, ANSWER, SERVICE_OF
from tests.faults.people import People
from tests.faults.postbox import mails_in
from tests.faults.rig import Rig

ROWS = {
    ACTION: "select title, id::text, tenant_id, org_id from action_plan.action"
    " where title = any(%s) or org_id = any(%s)",
    ANSWER: "select why, round_id || '/' || person_id || '/' || item_id, tenant_id, org_id from assessment.answer"
    " where why = any(%s) or org_id = any(%s)",
}
TOLD = "select id::text, topic, key, version, tenant, org from faults.told"
OWNERS = "select id::text, org_id from action_plan.plan union all select id::text, org_id from assessment.round"
READ_MODELS = """
    select '', 'status ' || round_id, tenant_id, org_id from insight.assessment_status
    union all select '', 'status ' || plan_id, tenant_id, org_id from insight.plan_status
    union all select '', 'message ' || id, tenant_id, org_id from notification.message
"""
SHOWN_LAST = """
    select 'impact.assessment', round_id::text, version from insight.assessment_status
    union all select 'impact.action-plan', plan_id::text, version from insight.plan_status
"""
TOPICS_SHOWN = frozenset({"impact.assessment", "impact.action-plan"})
ASSIGNED = "select event_id::text from notification.message where kind = 'action-assigned'"
MESSAGES = "select id::text, person_id, provider_id from notification.message where mail not in ('none', 'daily')"


@dataclass
class Evidence:
    """Everything at one moment, after the system has settled. Rows made before a test are not its own."""

    rig: Rig
    people: People
    known_rows: set[str] = field(default_factory=set)
    """Rows that were there before this test began."""

    @cached_property
    def trail(self) -> AuditTrail:
        """The audit trail since the test began."""
        return AuditTrail(self.rig)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database as its superuser, past all row policies."""
        with psycopg.connect(self.rig.superuser) as connection:
            return connection.execute(query.encode(), values or None).fetchall()

    def change(self, statement: str, *values: Any) -> None:
        """Change the database as its superuser: only what would otherwise take the passing of time."""
        with psycopg.connect(self.rig.superuser) as connection:
            connection.execute(statement.encode(), values)

    def rows(self, kind: str, operations: Iterable[Operation] = ()) -> list[Row]:
        """Return the rows of one kind in the trusts of the operations that were not there before."""
        mine = list(operations)
        ids, trusts = [each.id for each in mine], sorted({each.trust for each in mine})
        found = [Row(*values) for values in self.ask(ROWS[kind], ids, trusts)]
        return [row for row in found if row.id not in self.known_rows]

    def remember(self, trusts: Collection[str]) -> None:
        """Take note of what is there before a test begins."""
        self.trail.begin()
        for query in ROWS.values():
            self.known_rows |= {str(values[1]) for values in self.ask(query, [], list(trusts))}

    def told(self) -> list[Told]:
        """Return every event ever put into an outbox."""
        return [Told(*values) for values in self.ask(TOLD)]

    def sent(self) -> list[Sent]:
        """Return every record on every topic."""
        return read_topics(self.rig.settings.kafka, catalogue.topics())

    def handled(self, service: str) -> list[Handled]:
        """Return the inbox of a service's consumer; a test may have run consumers of its own on its tables."""
        query = f"select event_id::text, handled_at from {service}.inbox where consumer = %s"
        return [Handled(*values) for values in self.ask(query, service)]

    def positions(self, service: str) -> dict[TopicKey, int]:
        """Return how far a service's consumer has come, by topic and key."""
        query = f"select topic, key, version from {service}.inbox_position where consumer = %s"
        return {(topic, key): at for topic, key, at in self.ask(query, service)}

    def set_aside(self, service: str) -> list[str]:
        """Return the ids of the events that a service's consumer has set aside or parked."""
        query = (
            f"select headers ->> 'ce_id' from {service}.dead_letter where resolved_at is null"
            f" union all select headers ->> 'ce_id' from {service}.parked_event"
        )
        return [str(found) for (found,) in self.ask(query)]

    def e1(self, operations: Collection[Operation]) -> Finding:
        """Compare the ledger with the rows."""
        return identities.acknowledged_is_durable(operations, self._rows_of(operations))

    def _rows_of(self, operations: Collection[Operation]) -> list[Row]:
        return [row for kind in ROWS for row in self._of(kind, operations)]

    def _of(self, kind: str, operations: Collection[Operation]) -> list[Row]:
        mine = [each for each in operations if each.kind == kind]
        return self.rows(kind, mine) if mine else []

    def e2_to_e5(self, operations: Collection[Operation]) -> list[Finding]:
        """Compare outboxes with topics, topics with inboxes, and everything with the tenant it belongs to."""
        told, sent = self.told(), self.sent()
        findings = [event_identities.outbox_is_topic(told, sent, self.rig.foreign)]
        for service in self.rig.consumers():
            findings += self._of_consumer(service, sent)
        honest = [record for record in sent if record.id not in self.rig.foreign]
        return [*findings, *self._effects(sent), self._e5(honest, self._rows_of(operations))]

    def _of_consumer(self, service: str, sent: Collection[Sent]) -> list[Finding]:
        names = {topic.name for topic in catalogue.topics_read_by(service)}
        read = [record for record in sent if record.topic in names]
        aside, handled = self.set_aside(service), self.handled(service)
        passed = {*aside, *self.rig.foreign}
        return [
            event_identities.topic_is_inbox(read, handled, aside),
            event_identities.in_order(read, self.positions(service), handled, passed),
        ]

    def _effects(self, sent: Collection[Sent]) -> list[Finding]:
        """Compare what was handled with what it did: in notification a message each, in insight the row of its key."""
        done = {each.id for each in self.handled("notification")}
        assigned = {each.id for each in sent if each.type == event_types.ACTION_ASSIGNED and each.id} & done
        aside = set(self.set_aside("insight"))
        shown = [each for each in sent if each.topic in TOPICS_SHOWN and each.type in SHOWN and each.id not in aside]
        versions = {(topic, key): version for topic, key, version in self.ask(SHOWN_LAST)}
        return [
            event_identities.has_its_effect(assigned, [str(found) for (found,) in self.ask(ASSIGNED)]),
            event_identities.shows_the_last(shown, versions),
        ]

    def _e5(self, sent: Collection[Sent], rows: Collection[Row]) -> Finding:
        read_models = [Row(*values) for values in self.ask(READ_MODELS) if values[3] in self.people.register.belongs]
        owners = {str(key): str(org) for key, org in self.ask(OWNERS)}
        return event_identities.in_its_tenant(sent, [*rows, *read_models], self.people.register.belongs, owners)

    def e6(self, operations: Collection[Operation]) -> list[Finding]:
        """Compare what was done and what was refused with the audit trails of the services that were asked."""
        findings = []
        for kind, service in SERVICE_OF.items():
            mine = [each for each in operations if each.kind == kind]
            if mine:
                broken = self.trail.broken_chains(service, [each.tenant for each in mine])
                done = self.trail.done(service, kind, [each.trust for each in mine])
                findings.append(identities.audited_once(self.rows(kind, mine), done, broken))
                findings.append(identities.refused_once(mine, self.trail.refused(service, [each.id for each in mine])))
        return findings

    def e7(self) -> Finding:
        """Compare the messages that are told by mail at once with the mails that the provider took."""
        messages = [Message(*values) for values in self.ask(MESSAGES)]
        return identities.mailed(messages, mails_in(self.rig.settings.ses.folder), self.rig.mails_not_noted)

    def all(self, operations: Collection[Operation]) -> list[Finding]:
        """Return every finding on the way from a request to the last read model and the last mail."""
        return [self.e1(operations), *self.e2_to_e5(operations), *self.e6(operations), self.e7()]
