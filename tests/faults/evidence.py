"""Gathers what the identities judge: rows and books from the database, and the topics as another client reads them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from shared import audit_seal, catalogue
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT, Principal
from tests.faults import identities
from tests.faults.foreign_reader import read_topics
from tests.faults.identities import Finding, Handled, Row, Sent, Told
from tests.faults.ledger import Operation
from tests.faults.load import ACTION, ANSWER
from tests.faults.people import People
from tests.faults.rig import Rig

ROWS = {
    ACTION: "select title, id::text, tenant_id, org_id from action_plan.action"
    " where title = any(%s) or org_id = any(%s)",
    ANSWER: "select why, round_id || '/' || person_id || '/' || item_id, tenant_id, org_id from assessment.answer"
    " where why = any(%s) or org_id = any(%s)",
}
TOLD = "select id::text, topic, key, version, tenant, org from faults.told"


@dataclass
class Evidence:
    """Everything at one moment, after the system has settled. `since`: rows made before a test are not its own."""

    rig: Rig
    people: People
    known_rows: set[str] = field(default_factory=set)
    """Rows that were there before this test began."""

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

    def remember_rows(self, trusts: Collection[str]) -> None:
        """Take note of what is there before a test begins."""
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

    def positions(self, service: str) -> dict[identities.TopicKey, int]:
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

    def broken_chains(self, service: str, tenants: Iterable[str]) -> dict[str, int]:
        """Seal a service's audit trail and return the first broken place of each tenant's chain that has one."""
        database = self.rig.database(service)
        principal = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)
        sealed = 1
        while sealed:
            with UnitOfWork(database, principal) as uow:
                sealed = audit_seal.seal(uow)
                uow.commit()
        broken = {}
        with UnitOfWork(database, principal) as uow:
            for tenant in sorted(set(tenants)):
                position = audit_seal.first_broken_position(uow, tenant)
                if position is not None:
                    broken[tenant] = position
        return broken

    def e1(self, operations: Collection[Operation]) -> Finding:
        """Compare the ledger with the rows."""
        rows = [row for kind in (ACTION, ANSWER) for row in self._of(kind, operations)]
        return identities.acknowledged_is_durable(operations, rows)

    def _of(self, kind: str, operations: Collection[Operation]) -> list[Row]:
        mine = [each for each in operations if each.kind == kind]
        return self.rows(kind, mine) if mine else []

    def e2_to_e5(self, operations: Collection[Operation]) -> list[Finding]:
        """Compare outboxes with topics, topics with inboxes, and everything with the tenant it belongs to."""
        told, sent = self.told(), self.sent()
        findings = [identities.outbox_is_topic(told, sent, self.rig.foreign)]
        for service in self.rig.consumers():
            names = {topic.name for topic in catalogue.topics_read_by(service)}
            read = [record for record in sent if record.topic in names]
            aside, handled = self.set_aside(service), self.handled(service)
            findings.append(identities.topic_is_inbox(read, handled, aside))
            findings.append(identities.in_order(read, self.positions(service), handled, {*aside, *self.rig.foreign}))
        rows = [row for kind in (ACTION, ANSWER) for row in self._of(kind, operations)]
        honest = [record for record in sent if record.id not in self.rig.foreign]
        return [*findings, identities.in_its_tenant(honest, rows, self.people.belongs)]

    def e6(self, operations: Collection[Operation]) -> Finding:
        """Compare actions added with the audit trail of the service that added them."""
        rows = self._of(ACTION, operations)
        query = (
            "select object_id from action_plan.audit_entry where action = %s and org_id = any(%s) and outcome = 'done'"
        )
        trusts = sorted({each.trust for each in operations})
        audited = [str(found) for (found,) in self.ask(query, ACTION, trusts) if str(found) not in self.known_rows]
        tenants = [each.tenant for each in operations]
        return identities.audited_once(rows, audited, self.broken_chains("action_plan", tenants))

    def all(self, operations: Collection[Operation]) -> list[Finding]:
        """Return every finding on the way from a request to the last read model."""
        return [self.e1(operations), *self.e2_to_e5(operations), self.e6(operations)]
