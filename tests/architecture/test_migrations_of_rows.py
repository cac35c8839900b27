"""A migration that changes rows changes them: row security is forced on the owner too, whom no policy admits.

`update` and `delete` by the role that migrates find no row and raise nothing: the migration is written down as done,
and every row is as before. The sound ways:

- a small table: `alter table t no force row level security`, the change, `alter table t force row level security`, in
  one migration (shared/mechanism_changes.py does so). The owner then sees every row; the application's role stays bound
  by its policies all the while; the table is locked until the migration's end;
- a large one: leave the new column empty and let a process of the service fill it, tenant by tenant, as due work;
- a table made in the same migration: before `protect`.
"""

import re
from collections.abc import Iterator

import psycopg
import pytest

from infra.servers import ConnectionSettings
from shared.testing.databases import template_for
from tests.architecture.migration_sql import sent_by_migrations
from tests.architecture.source_tree import SERVICES

WITHOUT_A_ROW = {
    ("assessment", "0003", "item_range"): "no installation existed before it: there was no row to change",
}
MAY_CHANGE_ROWS = {"update", "delete", "merge", "with", "do", "insert"}
TARGET = re.compile(
    r"(?<!for )(?<!on )(?<!do )\b(?:update|delete\s+from|merge\s+into)\s+(?:only\s+)?(?:\w+\.)?\"?(\w+)", re.IGNORECASE
)
FORCED = re.compile(r"alter table (?:\w+\.)?\"?(\w+)\"? (no )?force row level security", re.IGNORECASE)


def changed_by(statement: str) -> set[str]:
    """Return the tables whose rows a statement changes, wherever in it that stands."""
    words = statement.split(maxsplit=3)
    if words[0].lower() not in MAY_CHANGE_ROWS:
        return set()
    changed = {found.lower() for found in TARGET.findall(statement)}
    if words[0].lower() == "insert" and re.search(r"on conflict\b.*\bdo update", statement, re.IGNORECASE | re.DOTALL):
        changed.add(words[2].split("(")[0].split(".")[-1].strip('"').lower())
    return changed


def in_vain(statements: list[str]) -> Iterator[str]:
    """Yield the tables whose rows a migration means to change while it sees none of them."""
    seen: set[str] = set()
    for place, statement in enumerate(statements):
        if made := re.match(
            r"create (?:unlogged )?table (?:if not exists )?(?:\w+\.)?\"?(\w+)", statement, re.IGNORECASE
        ):
            seen.add(made[1].lower())
        if forced := FORCED.match(statement):
            (seen.add if forced[2] else seen.discard)(forced[1].lower())
        for table in changed_by(statement):
            if table not in seen or not _forced_later(table, statements[place:]):
                yield table


def _forced_later(table: str, statements: list[str]) -> bool:
    later = [found for found in map(FORCED.match, statements) if found and found[1].lower() == table]
    return bool(later) and not later[-1][2]


@pytest.mark.parametrize("service", SERVICES)
def test_every_migration_sees_the_rows_that_it_changes(servers: ConnectionSettings, worker: str, service: str) -> None:
    sent = sent_by_migrations(servers.postgres, service, worker)

    found = {(service, revision, table) for revision, statements in sent.items() for table in in_vain(statements)}

    assert found - WITHOUT_A_ROW.keys() == set()
    assert {each for each in WITHOUT_A_ROW if each[0] == service} - found == set(), "excepted, but no longer needed"


UPDATE = "update plan set state = 'open'"
FREED, BOUND = "alter table plan no force row level security", "alter table plan force row level security"


@pytest.mark.parametrize(
    "statements",
    [
        [UPDATE],
        ["delete from action_plan.plan where true"],
        ["with old as (select 1) delete from only plan using old"],
        ["insert into plan (id) values (1) on conflict (id)\n do update set state = 'open'"],
        ["do $$ begin update plan set state = 'open'; end $$"],
        ["alter table goal no force row level security", UPDATE, "alter table goal force row level security"],
        [FREED, UPDATE],
        [FREED, BOUND, UPDATE],
        ["create table plan (id uuid)", BOUND, UPDATE],
    ],
)
def test_a_change_in_vain_is_found(statements: list[str]) -> None:
    assert list(in_vain(statements)) == ["plan"]


@pytest.mark.parametrize(
    "statements",
    [
        [FREED, UPDATE, BOUND],
        ["CREATE TABLE plan (id uuid)", UPDATE, BOUND],
        ["create policy plan_update on plan for update to app_action_plan using (true)"],
        ["alter table plan add foreign key (goal) references goal (id) on update cascade"],
        ["grant select, insert, update on plan to app_action_plan"],
    ],
)
def test_a_sound_change_and_what_only_looks_like_one_are_not(statements: list[str]) -> None:
    assert list(in_vain(statements)) == []


def test_on_a_real_database_the_owner_changes_nothing_until_its_rows_are_freed(servers: ConnectionSettings) -> None:
    change = b"update due_work set attempts = attempts + 1"
    database = servers.postgres.superuser_dsn(template_for(servers.postgres, "assessment"))
    with psycopg.connect(database) as connection:
        connection.execute(b"set search_path to assessment")
        connection.execute(
            b"insert into due_work (id, tenant_id, org_id, kind, object_id, due_at, data)"
            b" values (gen_random_uuid(), 'XNV01', 'DEMO01', 'rehearsal', '1', now(), '{}')"
        )
        connection.execute(b"set role owner_assessment")
        in_vain = connection.execute(change).rowcount
        connection.execute(b"alter table due_work no force row level security")
        freed = connection.execute(change).rowcount
        connection.execute(b"alter table due_work force row level security")
        bound_again = connection.execute(change).rowcount
        connection.rollback()

    assert (in_vain, freed, bound_again) == (0, 1, 0)
