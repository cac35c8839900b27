"""What a database holds, so that two of them can be compared: rows, how tables are protected, how far numbers went.

Rows are counted for each table and tenant, and summed up for each table: two databases with the same sums hold the same
rows, whatever order they lie in. Whoever asks must see past row policies.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql

OURS = "n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"
TABLES = f"""
    select n.nspname, c.relname,
        exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and {OURS} order by 1, 2
"""  # noqa: S608 - no value in it
PROTECTION = f"""
    select format('%s.%s %s %s', n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and {OURS}
    union all
    select format('%s.%s %s %s %s %s %s', schemaname, tablename, policyname, cmd, roles, qual, with_check)
    from pg_policies
    union all
    select format('%s.%s %s %s', n.nspname, c.relname, r.rolname, a.privilege_type)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(c.relacl) a
    join pg_roles r on r.oid = a.grantee
    where {OURS} and a.grantee <> c.relowner
    order by 1
"""  # noqa: S608 - no value in it
RULES = f"""
    select format('owner of %s.%s: %s', n.nspname, c.relname, pg_get_userbyid(c.relowner))
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'v', 'S') and {OURS}
    union all
    select format('%s.%s (%s): %s %s', n.nspname, c.relname, a.attname, pg_get_userbyid(g.grantee), g.privilege_type)
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    cross join lateral aclexplode(a.attacl) g where {OURS}
    union all
    select format('schema %s: %s %s', n.nspname, pg_get_userbyid(g.grantee), g.privilege_type)
    from pg_namespace n cross join lateral aclexplode(n.nspacl) g where {OURS} and n.nspname <> 'public'
    union all
    select format('%s.%s %s: %s', n.nspname, c.relname, t.tgenabled, pg_get_triggerdef(t.oid))
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where not t.tgisinternal and {OURS}
    union all
    select format('%s.%s: %s %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where {OURS}
    union all
    select format('%s', pg_get_indexdef(i.indexrelid))
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where {OURS}
    union all
    select format('function %s.%s(%s) of %s for %s: %s', n.nspname, p.proname,
        pg_get_function_identity_arguments(p.oid), pg_get_userbyid(p.proowner), of_function.roles,
        md5(pg_get_functiondef(p.oid)))
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace cross join lateral (
        select string_agg(pg_get_userbyid(g.grantee)::text, ', ' order by pg_get_userbyid(g.grantee)::text) as roles
        from aclexplode(p.proacl) g) of_function
    where p.prokind in ('f', 'p') and {OURS}
    order by 1
"""  # noqa: S608 - no value in it
NUMBERS = "select schemaname || '.' || sequencename, coalesce(last_value, 0) from pg_sequences order by 1"
AS_TEXT = {
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}
"""How values are written while they are summed up, whatever a server or a role is set to."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds: `rows` by table and tenant ("" where a table has none), and how tables are protected.

    `sums` of each table's rows, further `rules` and `numbers` (how far each sequence went) are empty in what a release
    before them wrote, and then not compared.
    """

    at: str
    rows: Mapping[str, Mapping[str, int]]
    protection: tuple[str, ...]
    sums: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)

    def differences(self, other: "Contents") -> list[str]:
        """Return where another database, made from this one, differs from it."""
        wrong = [f"{table}: {was} became {found}" for table, was, found in _unequal(self.rows, other.rows)]
        wrong += sorted(set(self.protection) ^ set(other.protection))
        if self.sums:
            wrong += [f"{table}: other rows" for table, *_ in _unequal(self.sums, other.sums)]
        if self.rules:
            wrong += sorted(set(self.rules) ^ set(other.rules))
        return wrong + [
            f"{name}: would go on from {other.numbers.get(name)}, was at {number} already"
            for name, number in self.numbers.items()
            if other.numbers.get(name, -1) < number
        ]


def contents_of(connection: psycopg.Connection[Any]) -> Contents:
    """Count and describe what the connection's snapshot holds; its role must see past row policies."""
    for name, value in AS_TEXT.items():
        connection.execute("select set_config(%s, %s, true)", (name, value))
    rows: dict[str, dict[str, int]] = {}
    sums: dict[str, str] = {}
    for schema, table, has_tenant in connection.execute(TABLES.encode()).fetchall():
        found = _rows_of(connection, sql.Identifier(schema, table), has_tenant=has_tenant)
        rows[f"{schema}.{table}"] = {str(owner): int(count) for owner, count, _ in found}
        sums[f"{schema}.{table}"] = str(sum(int(of_tenant) for *_, of_tenant in found))
    protection, rules = (_lines(connection, question) for question in (PROTECTION, RULES))
    numbers = {str(name): int(value) for name, value in connection.execute(NUMBERS).fetchall()}
    return Contents(datetime.now(UTC).isoformat(timespec="seconds"), rows, protection, sums, rules, numbers)


def _rows_of(connection: psycopg.Connection[Any], table: sql.Identifier, *, has_tenant: bool) -> list[Any]:
    """Return for each tenant how many rows there are and the sum of what they say."""
    tenant = sql.SQL("coalesce(tenant_id, '')" if has_tenant else "''")
    question = "select {}, count(*), sum(hashtextextended(t::text, 0)) from {} t group by 1"
    return connection.execute(sql.SQL(question).format(tenant, table)).fetchall()


def _lines(connection: psycopg.Connection[Any], question: str) -> tuple[str, ...]:
    return tuple(str(line) for (line,) in connection.execute(question.encode()).fetchall())


def _unequal(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name):
            yield name, one.get(name), other.get(name)
