"""The portal's tables: sessions, tokens and rescued form text. No business data.

A session's id is a secret, so only its SHA-256 is stored: a copy of this table signs nobody in. Tokens, session content
and rescued text are encrypted; nothing here is of use without the key from the environment.
"""

from sqlalchemy import Column, DateTime, ForeignKey, Index, LargeBinary, MetaData, Table, Text

from shared import column_tags as tag
from shared.mechanism import request_count_table

metadata = MetaData()

browser_session = Table(
    "browser_session",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True, info=tag.INTERNAL),
    Column("created_at", DateTime(timezone=True), nullable=False, info=tag.INTERNAL),
    Column("seen_at", DateTime(timezone=True), nullable=False, info=tag.PERSONAL),
    Column("content", LargeBinary, nullable=False, info=tag.PRIVATE),
    Column("person_id", Text, info=tag.PERSONAL),
    Column("subject", Text, info=tag.PERSONAL),
    Column("keycloak_session", Text, info=tag.INTERNAL),
    Column("acting_org", Text, info=tag.PERSONAL),
    Column("refresh_token", LargeBinary, info=tag.PRIVATE),
    Column("id_token", LargeBinary, info=tag.PRIVATE),
    Column("lease_by", Text, info=tag.INTERNAL),
    Column("lease_until", DateTime(timezone=True), info=tag.INTERNAL),
    Index("browser_session_keycloak_session", "keycloak_session"),
    Index("browser_session_subject", "subject"),
    Index("browser_session_seen_at", "seen_at"),
)

api_token = Table(
    "api_token",
    metadata,
    Column(
        "id_hash",
        LargeBinary,
        ForeignKey("browser_session.id_hash", ondelete="CASCADE", onupdate="CASCADE"),
        primary_key=True,
        info=tag.INTERNAL,
    ),
    Column("narrowed_to", Text, primary_key=True, info=tag.INTERNAL),
    Column("audience", Text, primary_key=True, info=tag.INTERNAL),
    Column("token", LargeBinary, nullable=False, info=tag.PRIVATE),
    Column("expires_at", DateTime(timezone=True), nullable=False, info=tag.INTERNAL),
)

kept_text = Table(
    "kept_text",
    metadata,
    Column("id", Text, primary_key=True, info=tag.INTERNAL),
    Column("person_id", Text, nullable=False, info=tag.PERSONAL),
    Column("acting_org", Text, nullable=False, info=tag.PERSONAL),
    Column("path", Text, nullable=False, info=tag.INTERNAL),
    Column("content", LargeBinary, nullable=False, info=tag.PRIVATE),
    Column("reason", Text, nullable=False, info=tag.INTERNAL),
    Column("kept_at", DateTime(timezone=True), nullable=False, info=tag.INTERNAL),
    Index("kept_text_person", "person_id", "acting_org"),
    Index("kept_text_kept_at", "kept_at"),
)

used_logout_token = Table(
    "used_logout_token",
    metadata,
    Column("jti", Text, primary_key=True, info=tag.INTERNAL),
    Column("expires_at", DateTime(timezone=True), nullable=False, info=tag.INTERNAL),
)

last_choice = Table(
    "last_choice",
    metadata,
    Column("person_id", Text, primary_key=True, info=tag.PERSONAL),
    Column("acting_org", Text, nullable=False, info=tag.PERSONAL),
)

request_count = request_count_table(metadata)
FIRST_TABLES = (browser_session, api_token, kept_text, used_logout_token, last_choice)

TABLES_WITHOUT_TENANT = {
    "browser_session": "before anybody signed in, and across a person's organisations; only our own process sees a row",
    "api_token": "belongs to a session; only our own process sees a row",
    "kept_text": "belongs to a person acting for an organisation; encrypted, only our own process sees a row",
    "used_logout_token": "ids of tokens of the identity provider",
    "last_choice": "a person's, across organisations; only our own process sees a row",
}
