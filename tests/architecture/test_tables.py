"""T1: the catalogue of every service's schema, read after its migrations; a table that forgot its rule is named."""

import importlib
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, create_engine, text

from infra.servers import ConnectionSettings
from shared import mechanism
from shared.column_tags import Tag
from shared.migrations import alembic_config
from shared.testing.databases import template_for

WITHOUT_TENANT = {
    "alembic_version": "Alembic's own",
    "inbox": "which events were handled; service scope only",
    "inbox_position": "how far each key was handled; service scope only",
    "parked_event": "events set aside; their tenant stands in their headers",
    "dead_letter": "the same",
    "request_count": "how often a person or an address asked in a minute; our own processes only",
    "progress_report": "how far each of our processes is; our own processes only",
    "known_organisation": "the public register",
    "known_membership": "who holds which role; policies compare person and organisation",
}
WITHOUT_ROW_SECURITY = {"alembic_version"}
MAY_DEFINE = {"count_views", "refresh_profile"}
BEFORE_ANY_CHANGE = 2 + 8 + 16 + 32
"""How pg_trigger says: before a statement that deletes, updates or truncates."""


def _tables_of(service: str) -> list[Table]:
    models = importlib.import_module(f"services.{service}.models")
    metadatas: list[MetaData] = [mechanism.metadata, models.metadata]
    return [table for metadata in metadatas for table in metadata.sorted_tables]


def _global_tables(service: str) -> dict[str, str]:
    models = importlib.import_module(f"services.{service}.models")
    return dict(getattr(models, "TABLES_WITHOUT_TENANT", {}))


def test_every_column_says_what_it_may_hold(service: str) -> None:
    untagged = [
        f"{table.name}.{column.name}"
        for table in _tables_of(service)
        for column in table.columns
        if not isinstance(column.info.get("tag"), Tag)
    ]

    assert untagged == []


def test_every_table_carries_a_tenant_or_says_why_not(service: str, catalogue: Any) -> None:
    tables = catalogue(
        "select relname as name, exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id'"
        " and attnotnull) as has_tenant from pg_class c join pg_namespace n on n.oid = relnamespace"
        " where nspname = :schema and relkind in ('r', 'p')"
    )
    allowed = set(WITHOUT_TENANT) | set(_global_tables(service))

    assert [row["name"] for row in tables if not row["has_tenant"] and row["name"] not in allowed] == []


def test_row_level_security_is_on_and_forced_everywhere(catalogue: Any) -> None:
    open_tables = catalogue(
        "select relname as name from pg_class c join pg_namespace n on n.oid = relnamespace"
        " where nspname = :schema and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)"
    )

    assert [row["name"] for row in open_tables if row["name"] not in WITHOUT_ROW_SECURITY] == []


def test_each_table_has_one_policy_per_command_and_role(catalogue: Any) -> None:
    policies = catalogue(
        "select tablename, cmd, unnest(roles) as role, permissive from pg_policies where schemaname = :schema"
    )
    seen: set[tuple[str, str, str]] = set()
    doubled = []
    for row in policies:
        place = (row["tablename"], row["cmd"], row["role"])
        if place in seen or row["cmd"] == "ALL" or row["role"] == "public" or row["permissive"] != "PERMISSIVE":
            doubled.append(place)
        seen.add(place)

    assert doubled == []


def test_policies_read_settings_once_a_statement_and_bear_their_absence(catalogue: Any) -> None:
    policies = catalogue(
        "select tablename, cmd, coalesce(qual, '') || coalesce(with_check, '') as predicate"
        " from pg_policies where schemaname = :schema"
    )

    bare = [
        (row["tablename"], row["cmd"])
        for row in policies
        if row["predicate"].count("current_setting(") != row["predicate"].count("SELECT NULLIF(current_setting(")
    ]

    assert bare == []


def test_insert_policies_check_and_update_policies_do_both(catalogue: Any) -> None:
    policies = catalogue("select tablename, cmd, qual, with_check from pg_policies where schemaname = :schema")

    wrong = [
        (row["tablename"], row["cmd"])
        for row in policies
        if (row["cmd"] in ("SELECT", "DELETE", "UPDATE") and not row["qual"])
        or (row["cmd"] in ("INSERT", "UPDATE") and not row["with_check"])
    ]

    assert wrong == []


def test_every_privilege_of_the_application_has_its_policy(service: str, catalogue: Any) -> None:
    granted = catalogue(
        "select table_name, privilege_type, grantee from information_schema.role_table_grants"
        " where table_schema = :schema and grantee not like 'owner_%' and grantee <> 'postgres'"
    )
    policies = {
        (row["tablename"], row["cmd"], row["role"])
        for row in catalogue("select tablename, cmd, unnest(roles) as role from pg_policies where schemaname = :schema")
    }

    assert [row for row in granted if row["privilege_type"] not in ("SELECT", "INSERT", "UPDATE", "DELETE")] == []
    assert [row for row in granted if (row["table_name"], row["privilege_type"], row["grantee"]) not in policies] == []


def test_the_audit_trail_only_grows(service: str, catalogue: Any) -> None:
    """A2: of every service with events, trail and seals are kept from everybody, their owner included."""
    kept = catalogue(
        "select c.relname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid"
        " join pg_namespace n on n.oid = c.relnamespace join pg_proc p on p.oid = t.tgfoid"
        f" where n.nspname = :schema and t.tgtype = {BEFORE_ANY_CHANGE} and t.tgenabled <> 'D' and t.tgqual is null"
        " and p.prosrc like '%raise exception%'"
    )
    changeable = catalogue(
        "select tablename as name, cmd from pg_policies where schemaname = :schema"
        " and tablename like 'audit%' and cmd not in ('SELECT', 'INSERT')"
    )

    assert {row["name"] for row in kept} == (set() if service == "portal" else {"audit_entry", "audit_seal"})
    assert changeable == []


def test_foreign_keys_between_tenant_tables_lead_with_the_tenant(catalogue: Any) -> None:
    """A foreign key without it accepts a row of another tenant: referential checks bypass row-level security."""
    keys = catalogue(
        "select conname as name, conrelid::regclass::text as source, confupdtype as on_update,"
        " (select array_agg(attname::text) from pg_attribute where attrelid = conrelid and attnum = any (conkey))"
        " as columns,"
        " exists (select from pg_attribute where attrelid = confrelid and attname = 'tenant_id') as to_tenant_table"
        " from pg_constraint c join pg_namespace n on n.oid = connamespace where nspname = :schema and contype = 'f'"
    )

    wrong = [
        row["name"]
        for row in keys
        if row["to_tenant_table"] and ("tenant_id" not in row["columns"] or row["on_update"] != "c")
    ]

    assert wrong == []


def test_unique_keys_of_tenant_tables_lead_with_the_tenant(service: str, catalogue: Any) -> None:
    """A key over all tenants tells one of them what another one has: the error itself is the leak."""
    own = {table.name for table in importlib.import_module(f"services.{service}.models").metadata.sorted_tables}
    indexes = catalogue(
        "select t.relname as table_name, i.relname as index_name,"
        " (select attname::text from pg_attribute where attrelid = t.oid and attnum = x.indkey[0]) as first_column"
        " from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid"
        " join pg_namespace n on n.oid = t.relnamespace where nspname = :schema"
        " and exists (select from pg_attribute where attrelid = t.oid and attname = 'tenant_id')"
    )
    allowed = set(getattr(importlib.import_module(f"services.{service}.models"), "INDEXES_OVER_TENANTS", ()))

    wrong = [
        row["index_name"]
        for row in indexes
        if row["table_name"] in own
        and row["first_column"] not in ("tenant_id", "audience_tenant")
        and row["index_name"] not in allowed
    ]

    assert wrong == []


def test_views_run_as_whoever_asks_and_functions_with_rights_are_known(catalogue: Any) -> None:
    views = catalogue(
        "select relname as name from pg_class c join pg_namespace n on n.oid = relnamespace"
        " where nspname = :schema and relkind = 'v' and not coalesce('security_invoker=true' = any (reloptions), false)"
    )
    materialised = catalogue(
        "select relname as name from pg_class c join pg_namespace n on n.oid = relnamespace"
        " where nspname = :schema and relkind = 'm'"
    )
    functions = catalogue(
        "select proname as name, proconfig from pg_proc p join pg_namespace n on n.oid = pronamespace"
        " where nspname = :schema and prosecdef"
    )

    assert views == []
    assert materialised == []
    assert [row["name"] for row in functions if not row["proconfig"]] == []
    assert {row["name"] for row in functions} <= MAY_DEFINE


def test_no_role_of_ours_is_above_the_rules(catalogue: Any) -> None:
    roles = catalogue(
        "select rolname as name, rolsuper, rolbypassrls from pg_roles"
        " where rolname like 'app_%' or rolname like 'relay_%' or rolname like 'owner_%' or rolname like 'migrate_%'"
    )
    owned = catalogue(
        "select relname as name from pg_class c join pg_roles r on r.oid = relowner where rolname like 'app_%'"
    )

    assert [row["name"] for row in roles if row["rolsuper"] or row["rolbypassrls"]] == []
    assert owned == []


def test_migrations_are_linear_and_end_where_the_models_are(servers: ConnectionSettings, service: str) -> None:
    database = template_for(servers.postgres, service)
    url = servers.postgres.dsn(f"migrate_{service}", database, scheme="postgresql+psycopg")
    script = ScriptDirectory.from_config(alembic_config(service, url))
    models = importlib.import_module(f"services.{service}.models")

    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text(f"set role owner_{service}"))
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        combined = MetaData()
        shared_tables = [] if service == "portal" else [mechanism.metadata]  # it publishes and hears no events
        for metadata in (*shared_tables, models.metadata):
            for table in metadata.sorted_tables:
                table.to_metadata(combined)
        differences = [change for change in compare_metadata(context, combined) if "alembic_version" not in str(change)]
    engine.dispose()

    assert len(script.get_heads()) == 1
    assert all(not isinstance(revision.down_revision, tuple) for revision in script.walk_revisions())
    assert differences == []
