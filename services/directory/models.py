"""The directory's tables.

The register (organisations, names, tenancies, successions) is the same for everybody and read by everybody, signed in
or not. People belong to no tenant, since one person may sit on boards under two ICBs; what belongs to a tenant is the
*appointment*: one role of one person in one organisation. Who sees a person follows from which appointments one sees
(policies.py).

A person without an e-mail address is somebody who left and whose mailbox has become another person's: the row stays for
the trail.
"""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared import column_tags as tag

metadata = MetaData()
Instant = DateTime(timezone=True)

organisation = Table(
    "organisation",
    metadata,
    Column("code", Text, primary_key=True, info=tag.PUBLIC),
    Column("name", Text, nullable=False, info=tag.PUBLIC),
    Column("kind", Text, nullable=False, info=tag.PUBLIC),
    Column("region", Text, ForeignKey("organisation.code"), info=tag.PUBLIC),
    Column("sector", Text, info=tag.PUBLIC),
    Column("fictional", Boolean, nullable=False, info=tag.PUBLIC),
    Column("open_from", Date, info=tag.PUBLIC),
    Column("open_until", Date, info=tag.PUBLIC),
    Column("source", Text, nullable=False, info=tag.PUBLIC),
    Index("organisation_by_kind", "kind", "code"),
)
organisation_name = Table(
    "organisation_name",
    metadata,
    Column("code", Text, ForeignKey("organisation.code"), primary_key=True, info=tag.PUBLIC),
    Column("valid_from", Date, primary_key=True, info=tag.PUBLIC),
    Column("valid_until", Date, info=tag.PUBLIC),
    Column("name", Text, nullable=False, info=tag.PUBLIC),
    Column("source", Text, nullable=False, info=tag.PUBLIC),
)
tenancy = Table(
    "tenancy",
    metadata,
    Column("code", Text, ForeignKey("organisation.code"), primary_key=True, info=tag.PUBLIC),
    Column("valid_from", Date, primary_key=True, info=tag.PUBLIC),
    Column("valid_until", Date, info=tag.PUBLIC),
    Column("tenant", Text, ForeignKey("organisation.code"), nullable=False, info=tag.PUBLIC),
    Column("source", Text, nullable=False, info=tag.PUBLIC),
    Column("reason", Text, info=tag.FREE_TEXT),
    Index("tenancy_current", "tenant", "code", postgresql_where=text("valid_until is null")),
    Index("tenancy_one_at_a_time", "code", unique=True, postgresql_where=text("valid_until is null")),
)
succession = Table(
    "succession",
    metadata,
    Column("predecessor", Text, ForeignKey("organisation.code"), primary_key=True, info=tag.PUBLIC),
    Column("successor", Text, ForeignKey("organisation.code"), primary_key=True, info=tag.PUBLIC),
    Column("effective_on", Date, nullable=False, info=tag.PUBLIC),
    Column("kind", Text, nullable=False, info=tag.PUBLIC),
    Column("evidence", Text, nullable=False, info=tag.PUBLIC),
    Index("succession_by_successor", "successor"),
)
register_import = Table(
    "register_import",
    metadata,
    Column("id", Uuid, primary_key=True, info=tag.INTERNAL),
    Column("file_name", Text, nullable=False, info=tag.INTERNAL),
    Column("sha256", Text, nullable=False, info=tag.INTERNAL),
    Column("row_count", Integer, nullable=False, info=tag.INTERNAL),
    Column("rows", JSONB, nullable=False, info=tag.PUBLIC),
    Column("report", JSONB, nullable=False, info=tag.PUBLIC),
    Column("uploaded_by", Text, nullable=False, info=tag.INTERNAL),
    Column("uploaded_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("applied_by", Text, info=tag.INTERNAL),
    Column("applied_at", Instant, info=tag.INTERNAL),
)
person = Table(
    "person",
    metadata,
    Column("person_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("name", Text, nullable=False, info=tag.PERSONAL),
    Column("email", Text, info=tag.PERSONAL),
    Column("created_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("second_factor_reset_at", Instant, info=tag.INTERNAL),
    Column("address_asked_at", ARRAY(Instant), nullable=False, server_default="{}", info=tag.INTERNAL),
    Column("name_corrected_at", ARRAY(Instant), nullable=False, server_default="{}", info=tag.INTERNAL),
    Column("setup_mail_asked_at", ARRAY(Instant), nullable=False, server_default="{}", info=tag.INTERNAL),
)
"""Of address, name and set-up mail: when each was asked for or done within a day (domain/how_often.py)."""
Index("person_by_email", func.lower(person.c.email), unique=True)
appointment = Table(
    "appointment",
    metadata,
    Column("tenant_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("id", Uuid, primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, ForeignKey("organisation.code"), nullable=False, info=tag.INTERNAL),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False, info=tag.INTERNAL),
    Column("role", Text, nullable=False, info=tag.INTERNAL),
    Column("valid_from", Instant, nullable=False, info=tag.INTERNAL),
    Column("valid_until", Instant, info=tag.INTERNAL),
    Column("appointed_by", Text, info=tag.INTERNAL),
    Column("ended_at", Instant, info=tag.INTERNAL),
    Column("ended_by", Text, info=tag.INTERNAL),
    Column("end_reason", Text, info=tag.FREE_TEXT),
    Index("appointment_by_organisation", "tenant_id", "org_id", "role"),
    Index("appointment_by_person", "person_id"),
    Index("appointment_by_appointer", "appointed_by"),
    Index(
        "appointment_held_once",
        "tenant_id",
        "org_id",
        "person_id",
        "role",
        unique=True,
        postgresql_where=text("ended_at is null"),
    ),
)
invitation = Table(
    "invitation",
    metadata,
    Column("tenant_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("id", Uuid, primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, ForeignKey("organisation.code"), nullable=False, info=tag.INTERNAL),
    Column("for_org", Text, ForeignKey("organisation.code"), nullable=False, info=tag.INTERNAL),
    Column("role", Text, nullable=False, info=tag.INTERNAL),
    Column("name", Text, nullable=False, info=tag.PERSONAL),
    Column("email", Text, nullable=False, info=tag.PERSONAL),
    Column("valid_until", Instant, info=tag.INTERNAL),
    Column("invited_by", Text, nullable=False, info=tag.INTERNAL),
    Column("created_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("sent_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("secret_hash", Text, info=tag.PRIVATE),
    Column("accepted_at", Instant, info=tag.INTERNAL),
    Column("withdrawn_at", Instant, info=tag.INTERNAL),
    Column("person_id", Text, info=tag.INTERNAL),
    Column("sendings", ARRAY(Instant), nullable=False, server_default="{}", info=tag.INTERNAL),
    Index("invitation_by_organisation", "tenant_id", "org_id", "created_at"),
    Index("invitation_by_address", "tenant_id", "org_id", "email"),
    Index("invitation_by_target", "for_org"),
    Index("invitation_by_age", "sent_at"),
    Index("invitation_by_secret", "secret_hash", unique=True, postgresql_where=text("secret_hash is not null")),
)
"""`sendings`: when a mail of this invitation was asked for, as far as it counts today (domain/invitations.py)."""
external_identity = Table(
    "external_identity",
    metadata,
    Column("issuer", Text, primary_key=True, info=tag.PERSONAL),
    Column("subject", Text, primary_key=True, info=tag.PERSONAL),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False, info=tag.INTERNAL),
    Column("linked_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("shown_name", Text, info=tag.PERSONAL),
    UniqueConstraint("issuer", "person_id"),
)
address_change = Table(
    "address_change",
    metadata,
    Column("person_id", Text, ForeignKey("person.person_id"), primary_key=True, info=tag.INTERNAL),
    Column("email", Text, nullable=False, info=tag.PERSONAL),
    Column("secret_hash", Text, info=tag.PRIVATE),
    Column("asked_at", Instant, nullable=False, info=tag.INTERNAL),
)
former_address = Table(
    "former_address",
    metadata,
    Column("id", Uuid, primary_key=True, info=tag.INTERNAL),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False, info=tag.INTERNAL),
    Column("email", Text, nullable=False, info=tag.PERSONAL),
    Column("changed_at", Instant, nullable=False, info=tag.INTERNAL),
    Index("former_address_by_person", "person_id"),
)

TABLES_WITHOUT_TENANT = {
    "organisation": "the public register, the same for everybody",
    "organisation_name": "the same",
    "tenancy": "the same: it says who belongs to which tenant",
    "succession": "the same",
    "register_import": "public register files; read and written by the national scope alone",
    "person": "one person may act under several tenants; seen through the appointments one sees",
    "external_identity": "a person's accounts; the person and our own processes",
    "address_change": "a person's new address while its link waits; the person and our own processes",
    "former_address": "where one mail goes after a change, deleted with it; our own processes",
}
INDEXES_OVER_TENANTS = {
    "appointment_by_appointer": "whom a person appointed in all tenants: the row policy of people asks it",
    "appointment_by_person": "a person's roles in all tenants: one's own, and what provisioning reads",
    "invitation_by_age": "what has been kept long enough is deleted in all tenants, by our own processes alone",
    "invitation_by_secret": "found by 256 random bits before any tenant is known; a clash tells nobody anything",
    "invitation_by_target": "invitations by the organisation they are for, whose tenant another may have invited",
}
