"""This service's tables: messages in people's inboxes, and which mails people do not want."""

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, MetaData, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from shared import column_tags as tag

metadata = MetaData()
Instant = DateTime(timezone=True)

message = Table(
    "message",
    metadata,
    Column("tenant_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("id", Uuid, primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, nullable=False, info=tag.INTERNAL),
    Column("person_id", Text, nullable=False, info=tag.PERSONAL),
    Column("kind", Text, nullable=False, info=tag.INTERNAL),
    Column("event_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("about", Text, nullable=False, info=tag.INTERNAL),
    Column("link", Text, nullable=False, info=tag.INTERNAL),
    Column("gaps", JSONB, nullable=False, info=tag.INTERNAL),
    Column("created_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("read_at", Instant, info=tag.PERSONAL),
    Column("mail", Text, nullable=False, info=tag.INTERNAL),
    Column("mail_attempts", Integer, nullable=False, server_default="0", info=tag.INTERNAL),
    Column("mailed_at", Instant, info=tag.INTERNAL),
    Column("provider_id", Text, info=tag.INTERNAL),
    Column("failure_code", Text, info=tag.INTERNAL),
    UniqueConstraint("tenant_id", "person_id", "org_id", "event_id", "kind", name="message_once"),
    Index("message_inbox", "tenant_id", "org_id", "person_id", "created_at"),
    Index("message_by_provider", "tenant_id", "provider_id"),
    Index("message_by_age", "tenant_id", "created_at"),
)
"""`mail`: none (not wanted), at_once, daily (both wait to be sent), sent, failed, bounced.

`gaps` holds dates and names of organisations, never a person's name.
"""

preference = Table(
    "preference",
    metadata,
    Column("tenant_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("person_id", Text, primary_key=True, info=tag.PERSONAL),
    Column("kind", Text, primary_key=True, info=tag.INTERNAL),
    Column("mail", Boolean, nullable=False, info=tag.PERSONAL),
    Column("changed_at", Instant, nullable=False, info=tag.INTERNAL),
)
