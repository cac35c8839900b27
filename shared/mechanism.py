"""The tables that the mechanisms need, the same in every service's schema.

They carry no schema name: each login role's `search_path` is its service's schema, so the same code serves all.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared import column_tags as tag
from shared.tenancy import Kind, Operations, protect

metadata = MetaData()
Instant = DateTime(timezone=True)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True, info=tag.INTERNAL),
    Column("id", Uuid, nullable=False, unique=True, info=tag.INTERNAL),
    Column("tenant_id", Text, nullable=False, info=tag.INTERNAL),
    Column("org_id", Text, nullable=False, info=tag.INTERNAL),
    Column("topic", Text, nullable=False, info=tag.INTERNAL),
    Column("key", Text, nullable=False, info=tag.INTERNAL),
    Column("type", Text, nullable=False, info=tag.INTERNAL),
    Column("aggregate_version", Integer, nullable=False, info=tag.INTERNAL),
    Column("payload", JSONB, nullable=False, info=tag.INTERNAL),
    Column("headers", JSONB, nullable=False, info=tag.INTERNAL),
    Column("occurred_at", Instant, nullable=False, info=tag.INTERNAL),
)
event_counter = Table(
    "event_counter",
    metadata,
    Column("topic", Text, primary_key=True, info=tag.INTERNAL),
    Column("key", Text, primary_key=True, info=tag.INTERNAL),
    Column("tenant_id", Text, nullable=False, info=tag.INTERNAL),
    Column("org_id", Text, nullable=False, info=tag.INTERNAL),
    Column("version", Integer, nullable=False, info=tag.INTERNAL),
)
inbox = Table(
    "inbox",
    metadata,
    Column("consumer", Text, primary_key=True, info=tag.INTERNAL),
    Column("event_id", Uuid, primary_key=True, info=tag.INTERNAL),
    Column("handled_at", Instant, nullable=False, server_default=text("now()"), info=tag.INTERNAL),
)
inbox_position = Table(
    "inbox_position",
    metadata,
    Column("consumer", Text, primary_key=True, info=tag.INTERNAL),
    Column("topic", Text, primary_key=True, info=tag.INTERNAL),
    Column("key", Text, primary_key=True, info=tag.INTERNAL),
    Column("version", Integer, nullable=False, info=tag.INTERNAL),
)


def _set_aside(name: str, *more: Column[object]) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True, info=tag.INTERNAL),
        Column("consumer", Text, nullable=False, info=tag.INTERNAL),
        Column("topic", Text, nullable=False, info=tag.INTERNAL),
        Column("partition", Integer, nullable=False, info=tag.INTERNAL),
        Column("offset", BigInteger, nullable=False, info=tag.INTERNAL),
        Column("key", Text, info=tag.INTERNAL),
        Column("headers", JSONB, nullable=False, info=tag.INTERNAL),
        Column("payload", LargeBinary, nullable=False, info=tag.INTERNAL),
        Column("reason", Text, nullable=False, info=tag.INTERNAL),
        *more,
        UniqueConstraint("consumer", "topic", "partition", "offset"),
    )


parked_event = _set_aside(
    "parked_event",
    Column("aggregate_version", Integer, nullable=False, info=tag.INTERNAL),
    Column("parked_at", Instant, nullable=False, info=tag.INTERNAL),
)
dead_letter = _set_aside(
    "dead_letter",
    Column("error", Text, nullable=False, info=tag.INTERNAL),
    Column("attempts", Integer, nullable=False, info=tag.INTERNAL),
    Column("first_seen", Instant, nullable=False, info=tag.INTERNAL),
    Column("last_seen", Instant, nullable=False, info=tag.INTERNAL),
    Column("resolved_at", Instant, info=tag.INTERNAL),
    Column("resolved_by", Text, info=tag.INTERNAL),
)
audit_entry = Table(
    "audit_entry",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True, info=tag.INTERNAL),
    Column("id", Uuid, nullable=False, unique=True, info=tag.INTERNAL),
    Column("at", Instant, nullable=False, info=tag.INTERNAL),
    Column("tenant_id", Text, nullable=False, info=tag.INTERNAL),
    Column("org_id", Text, info=tag.INTERNAL),
    Column("person_id", Text, info=tag.INTERNAL),
    Column("session_id", Text, info=tag.INTERNAL),
    Column("request_id", Text, info=tag.INTERNAL),
    Column("action", Text, nullable=False, info=tag.INTERNAL),
    Column("object_type", Text, info=tag.INTERNAL),
    Column("object_id", Text, info=tag.INTERNAL),
    Column("outcome", Text, nullable=False, info=tag.INTERNAL),
    Column("private", Boolean, nullable=False, info=tag.INTERNAL),
    Index("audit_entry_by_organisation", "tenant_id", "org_id", "seq"),
    Index("audit_entry_by_person", "person_id", "seq"),
)
audit_seal = Table(
    "audit_seal",
    metadata,
    Column("tenant_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("position", BigInteger, primary_key=True, info=tag.INTERNAL),
    Column("entry_seq", BigInteger, nullable=False, unique=True, info=tag.INTERNAL),
    Column("previous_hash", Text, nullable=False, info=tag.INTERNAL),
    Column("hash", Text, nullable=False, info=tag.INTERNAL),
    Column("sealed_at", Instant, nullable=False, info=tag.INTERNAL),
)
idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("id", Uuid, primary_key=True, info=tag.INTERNAL),
    Column("tenant_id", Text, nullable=False, info=tag.INTERNAL),
    Column("person_id", Text, info=tag.INTERNAL),
    Column("route", Text, nullable=False, info=tag.INTERNAL),
    Column("key", Text, nullable=False, info=tag.INTERNAL),
    Column("fingerprint", Text, nullable=False, info=tag.INTERNAL),
    Column("status", Integer, info=tag.INTERNAL),
    Column("answer", JSONB, info=tag.PRIVATE),
    Column("created_at", Instant, nullable=False, info=tag.INTERNAL),
    UniqueConstraint("tenant_id", "person_id", "route", "key", postgresql_nulls_not_distinct=True),
    Index("idempotency_key_by_age", "created_at"),
)
due_work = Table(
    "due_work",
    metadata,
    Column("id", Uuid, primary_key=True, info=tag.INTERNAL),
    Column("tenant_id", Text, nullable=False, info=tag.INTERNAL),
    Column("org_id", Text, nullable=False, info=tag.INTERNAL),
    Column("kind", Text, nullable=False, info=tag.INTERNAL),
    Column("object_id", Text, nullable=False, info=tag.INTERNAL),
    Column("due_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("data", JSONB, nullable=False, info=tag.INTERNAL),
    Column("attempts", Integer, nullable=False, server_default="0", info=tag.INTERNAL),
    Column("last_error", Text, info=tag.INTERNAL),
    Column("failed_at", Instant, info=tag.INTERNAL),
    UniqueConstraint("tenant_id", "kind", "object_id"),
    Index("due_work_by_time", "due_at", postgresql_where=text("failed_at is null")),
)
known_organisation = Table(
    "known_organisation",
    metadata,
    Column("org_id", Text, primary_key=True, info=tag.PUBLIC),
    Column("name", Text, nullable=False, info=tag.PUBLIC),
    Column("kind", Text, nullable=False, info=tag.PUBLIC),
    Column("region", Text, info=tag.PUBLIC),
    Column("sector", Text, info=tag.PUBLIC),
    Column("fictional", Boolean, nullable=False, info=tag.PUBLIC),
    Column("closed_on", Date, info=tag.PUBLIC),
)
known_tenancy = Table(
    "known_tenancy",
    metadata,
    Column("org_id", Text, primary_key=True, info=tag.PUBLIC),
    Column("valid_from", Instant, primary_key=True, info=tag.PUBLIC),
    Column("valid_to", Instant, info=tag.PUBLIC),
    Column("tenant_id", Text, nullable=False, info=tag.PUBLIC),
    Index("known_tenancy_by_tenant", "tenant_id", "org_id"),
)
known_membership = Table(
    "known_membership",
    metadata,
    Column("person_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("role", Text, primary_key=True, info=tag.INTERNAL),
    Column("valid_from", Instant, nullable=False, info=tag.INTERNAL),
    Column("valid_to", Instant, info=tag.INTERNAL),
    Index("known_membership_by_organisation", "org_id", "role"),
)


def request_count_table(of: MetaData) -> Table:
    """Requests of one person or address in one minute; unlogged, because after a crash counting may begin afresh."""
    return Table(
        "request_count",
        of,
        Column("subject", Text, primary_key=True, info=tag.PERSONAL),
        Column("minute", Instant, primary_key=True, info=tag.INTERNAL),
        Column("requests", Integer, nullable=False, info=tag.INTERNAL),
        prefixes=["UNLOGGED"],
    )


request_count = request_count_table(metadata)
progress_report = Table(
    "progress_report",
    metadata,
    Column("process", Text, primary_key=True, info=tag.INTERNAL),
    Column("part", Text, primary_key=True, info=tag.INTERNAL),
    Column("waiting", BigInteger, nullable=False, info=tag.INTERNAL),
    Column("oldest_at", Instant, info=tag.INTERNAL),
    Column("reported_at", Instant, nullable=False, info=tag.INTERNAL),
    prefixes=["UNLOGGED"],
)

KINDS = {
    outbox: Kind.OUTBOX,
    event_counter: Kind.OWN_OR_GLOBAL,
    inbox: Kind.SERVICE,
    inbox_position: Kind.SERVICE,
    parked_event: Kind.QUARANTINE,
    dead_letter: Kind.QUARANTINE,
    audit_entry: Kind.AUDIT,
    audit_seal: Kind.SERVICE,
    idempotency_key: Kind.ANSWERS_GIVEN,
    due_work: Kind.OWN_OR_GLOBAL,
    known_organisation: Kind.PUBLIC_GLOBAL,
    known_tenancy: Kind.PUBLIC_GLOBAL,
    known_membership: Kind.MEMBERSHIP,
}
"""The tables of each service's first migration; what came later has a function of its own below."""


def create_mechanisms(op: Operations) -> None:
    """Make the mechanism tables with their policies; called by the first migration of each service."""
    metadata.create_all(op.get_bind(), tables=list(KINDS), checkfirst=False)
    for table, kind in KINDS.items():
        protect(op, table.name, kind)
    schema = op.get_bind().exec_driver_sql("select current_schema()").scalar_one()
    op.execute(f"create policy outbox_relay_select on outbox for select to relay_{schema} using (true)")
    op.execute(f"create policy outbox_relay_delete on outbox for delete to relay_{schema} using (true)")
    op.execute(f"grant select, delete on outbox to relay_{schema}")
    op.execute("alter table outbox set (autovacuum_vacuum_scale_factor = 0.02)")


def drop_mechanisms(op: Operations) -> None:
    """Remove the mechanism tables; called by the downgrade of the first migration."""
    metadata.drop_all(op.get_bind(), tables=list(KINDS), checkfirst=False)


def create_watching(op: Operations) -> None:
    """Make the tables in which requests are counted and processes say how far they are."""
    metadata.create_all(op.get_bind(), tables=[request_count, progress_report], checkfirst=False)
    for table in (request_count, progress_report):
        protect(op, table.name, Kind.SERVICE)
    schema = op.get_bind().exec_driver_sql("select current_schema()").scalar_one()
    own = "(process = 'relay')"
    for command, clauses in (
        ("select", f"using {own}"),
        ("insert", f"with check {own}"),
        ("update", f"using {own} with check {own}"),
    ):
        name = f"progress_report_relay_{command}"
        op.execute(f"create policy {name} on progress_report for {command} to relay_{schema} {clauses}")
    op.execute(f"grant select, insert, update on progress_report to relay_{schema}")


def drop_watching(op: Operations) -> None:
    """Remove them; nothing is lost that anybody needs."""
    metadata.drop_all(op.get_bind(), tables=[request_count, progress_report], checkfirst=False)
