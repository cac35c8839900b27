"""Asks a planted row everything that can be asked of it, as each asker, in the application's own database role."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row
from psycopg.types.json import Json

from tests.security.rows.planting import CHANGED_TO, WRONGLY_CHANGED_TO, Row, empty_schema
from tests.security.rows.principals import ASKERS, ELSEWHERE

WHO_GETS_THROUGH = """
create function pg_temp.who_gets_through(role_name text, statement text, askers json) returns text[]
language plpgsql as $$
declare
    asker record;
    touched bigint;
    admitted text[] := '{}';
begin
    for asker in select * from json_each(askers) loop
        begin
            perform set_config(setting.key, setting.value, true) from json_each_text(asker.value) setting;
            execute format('set local role %I', role_name);
            if statement like 'select %' then
                execute statement into touched;
            else
                execute statement;
                get diagnostics touched = row_count;
            end if;
            raise exception 'undo this asker' using errcode = 'UNDO1';
        exception
            when sqlstate 'UNDO1' then
                if touched > 0 then admitted := admitted || asker.key; end if;
            when unique_violation then  -- the policy let the row in; only its key exists already
                admitted := admitted || asker.key;
            when insufficient_privilege then
                if sqlerrm not like '%row-level security%' then raise; end if;
        end;
    end loop;
    return admitted;
end
$$
"""
"""Tries one statement as each asker, every one in a subtransaction of its own, and names those who got through."""
COMMANDS = ("select", "insert", "update", "delete")
WHOSE_SETTING = {
    "tenant_id": "app.tenant_id",
    "org_id": "app.org_id",
    "person_id": "app.person_id",
    "audience_tenant": "app.tenant_id",
}
OWNERSHIP = tuple(WHOSE_SETTING)
"""Columns that say whose a row is; whoever may set them freely can give a row away, or take one."""
TAKE, CHANGE_WRONGLY = "take over", "change wrongly"


@dataclass(frozen=True, slots=True)
class Policy:
    """One row policy as the catalogue prints it."""

    name: str
    table: str
    command: str
    role: str
    using: str | None
    check: str | None


def policies_of(connection: psycopg.Connection[Any], service: str) -> list[Policy]:
    """Return the row policies of a schema whose role holds the privilege as well (some tables are only added to)."""
    found = connection.cursor(row_factory=tuple_row).execute(
        "select name, table_name, command, role, qual, with_check from (select policyname as name, tablename as"
        " table_name, lower(cmd) as command, unnest(roles)::text as role, qual, with_check,"
        " format('%%I.%%I', schemaname, tablename) as place from pg_policies where schemaname = %s) as policy"
        " where case command when 'delete' then has_table_privilege(role, place, command)"
        " else has_any_column_privilege(role, place, command) end order by table_name, name",
        [service],
    )
    return [Policy(*row) for row in found]


class Probe:
    """One transaction in which one row is planted and asked; nothing of it stays."""

    def __init__(self, connection: psycopg.Connection[Any], service: str) -> None:
        self._connection, self._service = connection, service

    @contextmanager
    def planted(self, row: Row) -> Iterator[None]:
        """Plant `row` for as long as the block lasts."""
        self._connection.execute("savepoint before_row")
        self._connection.execute(row.insert())
        try:
            yield
        finally:
            self._connection.execute("rollback to before_row; release before_row")

    @contextmanager
    def changed(self, policy: Policy, *, using: str | None = None, check: str | None = None) -> Iterator[None]:
        """Let `policy` say something else (nothing given: drop it) for as long as the block lasts."""
        place = f'"{policy.name}" on {policy.table}'
        clauses = (f" using ({using})" if using else "") + (f" with check ({check})" if check else "")
        statement = f"alter policy {place}{clauses}" if clauses else f"drop policy {place}"
        self._connection.execute(f"savepoint before_change; {statement}".encode())
        yield
        self._connection.execute("rollback to before_change; release before_change")

    def admitted(self, row: Row, role: str, command: str) -> list[str]:
        """Return the names of those who get `command` done with the planted row."""
        statement = self._statement(row, role, command)
        if statement is None:
            return []
        asked = [role, statement.as_string(), Json({name: asker.settings() for name, asker in ASKERS.items()})]
        found = self._connection.execute("select pg_temp.who_gets_through(%s, %s, %s)", asked).fetchone()
        return list(found[0]) if found else []

    def commands(self, row: Row, policies: list[Policy], role: str) -> list[str]:
        """Return what can be asked of a row in a role: its commands, and giving it away."""
        of_table = [policy for policy in policies if policy.table == row.table.name and policy.role == role]
        asked = [command for command in COMMANDS if any(policy.command == command for policy in of_table)]
        given = [f"give away {column}" for column in self.may_take(row, role)]
        if "update" not in asked:
            return asked
        wrongly = [CHANGE_WRONGLY] if row.table.name in WRONGLY_CHANGED_TO else []
        return [*asked, *given, *([TAKE] if self.may_take(row, role) else []), *wrongly]

    def may_take(self, row: Row, role: str) -> list[str]:
        """Return the columns saying whose a row is that a role may set at all."""
        return [name for name in self._may_set(row, role) if name in WHOSE_SETTING]

    def _statement(self, row: Row, role: str, command: str) -> sql.Composed | None:
        table = sql.Identifier(row.table.name)
        if command == "select":
            return sql.SQL("select count(*) from {}").format(table)
        if command == "insert":
            return row.insert()
        if command == "delete":
            return sql.SQL("delete from {}").format(table)
        if command == TAKE:
            return self._taking(row, role)
        column, value = self._change(row, role, command)
        if column is None:
            return None
        return sql.SQL("update {} set {} = {}").format(table, sql.Identifier(column), sql.Literal(value))

    def _taking(self, row: Row, role: str) -> sql.Composed:
        """Return the statement that makes the row the asker's own."""
        columns = self.may_take(row, role)
        parts = [
            sql.SQL("{} = current_setting({}, true)").format(sql.Identifier(name), sql.Literal(WHOSE_SETTING[name]))
            for name in columns
        ]
        return sql.SQL("update {} set {}").format(sql.Identifier(row.table.name), sql.SQL(", ").join(parts))

    def _change(self, row: Row, role: str, command: str) -> tuple[str | None, Any]:
        """Return the column to set: without a WHERE nothing is read, so that the update policy stands by itself."""
        if command.startswith("give away "):
            column = command.removeprefix("give away ")
            return (column, ELSEWHERE) if column in self._may_set(row, role) else (None, None)
        if command == CHANGE_WRONGLY:
            return WRONGLY_CHANGED_TO[row.table.name]
        may_set = self._may_set(row, role)
        if row.table.name in CHANGED_TO:
            return CHANGED_TO[row.table.name]
        harmless = [name for name in may_set if name not in OWNERSHIP] or may_set
        return (harmless[0], row.values[harmless[0]]) if harmless else (None, None)

    def _may_set(self, row: Row, role: str) -> list[str]:
        granted = self._may_update[row.table.name, role]
        return [name for name in row.values if name in granted]

    @cached_property
    def _may_update(self) -> dict[tuple[str, str], set[str]]:
        """Columns by table and role; asked once, as it is slow and only policies are changed here."""
        granted = defaultdict(set)
        found = self._connection.execute(
            "select table_name, grantee, column_name from information_schema.column_privileges"
            " where table_schema = %s and privilege_type = 'UPDATE'",
            [self._service],
        )
        for table, role, column in found:
            granted[table, role].add(column)
        return granted


@contextmanager
def probing(superuser_url: str, service: str) -> Iterator[tuple[Probe, list[Policy]]]:
    """Open a transaction over an emptied schema that is rolled back at the end."""
    with psycopg.connect(superuser_url) as connection:
        empty_schema(connection, service)
        policies = policies_of(connection, service)
        connection.execute(WHO_GETS_THROUGH)
        yield Probe(connection, service), policies
        connection.rollback()
