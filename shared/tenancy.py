"""Row-level security as data: which kind of table follows which policy.

Migrations call `protect(op, table, kind)` for every table they make; an architecture test reads the catalogue and
fails on a table that was forgotten. Each kind has exactly one permissive policy per command for the service's app
role, because several permissive policies are OR-ed. The predicates are wrapped in `(select …)`, so that PostgreSQL
evaluates a setting once per statement and not once per row, and read with `nullif`, because a setting is `''` and not
NULL for the rest of a connection's life after its first transaction.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from sqlalchemy import Connection, text


class Operations(Protocol):
    """What we need of Alembic's `op`."""

    def execute(self, sqltext: str) -> None:
        """Run one statement."""

    def get_bind(self) -> Connection:
        """Return the connection of the migration."""


def setting(name: str) -> str:
    """Return SQL for a setting of the current principal, NULL when absent."""
    return f"(select nullif(current_setting('app.{name}', true), ''))"


SCOPE = setting("scope")
IS_SERVICE = f"{SCOPE} = 'service'"
IS_SIGNED_IN = f"{SCOPE} in ('org', 'tenant', 'national', 'operator', 'service')"
WRITES_GLOBALLY = f"{SCOPE} in ('national', 'service')"
SAME_TENANT = f"tenant_id = {setting('tenant_id')}"
MOVE_TARGET = f"tenant_id = {setting('move_to')}"
MOVING_HERE = f"({IS_SERVICE} and {MOVE_TARGET})"
SAME_ORG = f"org_id = {setting('org_id')}"
SAME_PERSON = f"person_id = {setting('person_id')}"
OWN_WORK = f"({SAME_TENANT} or {MOVING_HERE}) and {SAME_ORG}"
OWN_TENANT_OR_GLOBAL = f"({SAME_TENANT} or {WRITES_GLOBALLY})"


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may select, insert, update and delete; None: nobody, and the privilege is not granted either."""

    select: str | None
    insert: str | None
    update: str | None
    delete: str | None


def _all(predicate: str) -> Rules:
    return Rules(predicate, predicate, predicate, predicate)


class Kind(Enum):
    """The kinds of table there are; anything else is a design decision to be made here, in the open."""

    WORK = _all(OWN_WORK)
    """An organisation's own work: tenant and organisation must both match, for every command and every scope."""

    PERSONAL = _all(f"{OWN_WORK} and {SAME_PERSON}")
    """A person's own: the author alone, whatever the role."""

    BETWEEN_TWO = Rules(
        select=f"({OWN_WORK}) and ({SAME_PERSON} or reader_id = {setting('person_id')})",
        insert=f"({OWN_WORK}) and {SAME_PERSON}",
        update=f"({OWN_WORK}) and {SAME_PERSON}",
        delete=f"({OWN_WORK}) and {SAME_PERSON}",
    )
    """What one person chose to show to one other: written and deleted by its author, read by both."""

    ADDRESSED = _all(f"({SAME_TENANT} or {MOVING_HERE}) and ({IS_SERVICE} or ({SAME_ORG} and {SAME_PERSON}))")
    """What our processes write for one person: read and marked by that person acting for that organisation."""

    TENANT_STATUS = Rules(
        select=f"({SAME_TENANT} or {MOVING_HERE}) and ({SAME_ORG} or {SCOPE} in ('tenant', 'service'))",
        insert=f"({SAME_TENANT} or {MOVE_TARGET}) and {IS_SERVICE}",
        update=f"({SAME_TENANT} or {MOVE_TARGET}) and {IS_SERVICE}",
        delete=f"({SAME_TENANT} or {MOVE_TARGET}) and {IS_SERVICE}",
    )
    """Status rows: read by their organisation and by its ICB, written by projections alone."""

    AUDIENCE = Rules(
        select=f"({OWN_WORK}) or (audience_tenant = {setting('tenant_id')} and {SCOPE} = 'tenant')",
        insert=OWN_WORK,
        update=OWN_WORK,
        delete=OWN_WORK,
    )
    """Frozen views that an organisation shares: written and deleted by their owner, read by their audience."""

    SEEN_BY = Rules(
        select=f"{SAME_ORG} or (audience_tenant = {setting('tenant_id')} and {SCOPE} = 'tenant')",
        insert=f"audience_tenant = {setting('tenant_id')} and {SCOPE} = 'tenant' and {SAME_PERSON}",
        update=f"audience_tenant = {setting('tenant_id')} and {SCOPE} = 'tenant' and {SAME_PERSON}",
        delete=None,
    )
    """Who of the audience looked at what an organisation shares: written by the reader, read by the owner too.

    Readings stay with the view, under the tenant that it was shared with, and the owner goes on reading them after it
    has moved to another: they tell of itself alone.
    """

    GLOBAL = Rules(select=IS_SIGNED_IN, insert=WRITES_GLOBALLY, update=WRITES_GLOBALLY, delete=WRITES_GLOBALLY)
    """The same for everybody who signed in; written by the national scope and by projections."""

    PUBLIC_GLOBAL = Rules(
        select=f"{SCOPE} is not null", insert=WRITES_GLOBALLY, update=WRITES_GLOBALLY, delete=WRITES_GLOBALLY
    )
    """The same for everybody, signed in or not."""

    SERVICE = _all(IS_SERVICE)
    """Book-keeping of our own processes; no person's principal sees a row."""

    OWN_OR_GLOBAL = _all(OWN_TENANT_OR_GLOBAL)
    """Book-keeping that carries a tenant: the tenant's own principals, the national scope and our processes."""

    OUTBOX = Rules(select=None, insert=OWN_TENANT_OR_GLOBAL, update=None, delete=None)
    """Events on their way out: the app role can only add; the relay role reads and deletes."""

    MEMBERSHIP = Rules(
        select=f"{SAME_PERSON} or {SAME_ORG} or {IS_SERVICE}", insert=IS_SERVICE, update=IS_SERVICE, delete=IS_SERVICE
    )
    """Who holds which role: oneself, one's organisation and our processes."""

    AUDIT = Rules(
        select=f"({SAME_ORG} and not private) or {SAME_PERSON} or {IS_SERVICE}",
        insert=f"{OWN_TENANT_OR_GLOBAL} or {SCOPE} = 'public'",
        update=None,
        delete=None,
    )
    """What was done: added only. Rows never move: they belong to whom they were about on the day."""

    QUARANTINE = Rules(
        select=f"{SCOPE} in ('service', 'operator')",
        insert=IS_SERVICE,
        update=f"{SCOPE} in ('service', 'operator')",
        delete=IS_SERVICE,
    )
    """Events set aside: our processes and operators."""

    ANSWERS_GIVEN = _all(f"{SAME_TENANT} and person_id is not distinct from {setting('person_id')}")
    """Answers kept under an idempotency key: the person who asked, and nobody else; since `forget_old_answers` our
    processes sweep those whose time is over."""


def protect(op: Operations, table: str, kind: Kind | Rules) -> None:
    """Turn on forced row-level security for `table`, with the policies and grants of `kind` for the app role.

    A service whose table fits no kind gives `Rules` of its own and says why beside them.
    """
    schema = op.get_bind().execute(text("select current_schema()")).scalar_one()
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    rules = kind.value if isinstance(kind, Kind) else kind
    for command, using, check in (
        ("select", rules.select, None),
        ("insert", None, rules.insert),
        ("update", rules.update, rules.update),
        ("delete", rules.delete, None),
    ):
        if using is None and check is None:
            continue
        clauses = (f" using ({using})" if using else "") + (f" with check ({check})" if check else "")
        op.execute(f"create policy {table}_{command} on {table} for {command} to app_{schema}{clauses}")
        op.execute(f"grant {command} on {table} to app_{schema}")
