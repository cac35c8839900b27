"""What was ever put into an outbox, remembered by a trigger in the fault tests' database alone.

The product deletes an outbox row once the broker has the event; to compare both sides, each insert is copied.
"""

from infra.postgres.roles import SERVICES
from shared import catalogue

PUBLISHERS = tuple(service for service in SERVICES if service != "portal")

INSTALL = """
create schema if not exists faults;
create table if not exists faults.told (
    service text not null, id uuid primary key, topic text not null, key text not null, version integer not null,
    tenant text not null, org text not null, type text not null, at timestamptz not null default clock_timestamp()
);
create or replace function faults.remember() returns trigger language plpgsql security definer
    set search_path = pg_catalog as $$
begin
    insert into faults.told (service, id, topic, key, version, tenant, org, type)
    values (tg_table_schema, new.id, new.topic, new.key, new.aggregate_version, new.tenant_id, new.org_id, new.type);
    return new;
end $$;
""" + "".join(
    f"create or replace trigger remember after insert on {service}.outbox"
    " for each row execute function faults.remember();\n"
    for service in PUBLISHERS
)
TOLD_BY = "(%(moment)s::float is null or {} <= to_timestamp(%(moment)s::float))"
"""What was told after a moment (in seconds) is not looked at; None: everything is."""
WAITING = "select " + " + ".join(
    f"(select count(*) from {service}.outbox where {TOLD_BY.format('occurred_at')})" for service in PUBLISHERS
)
MAILS_WAITING = "select count(*) from notification.message where mail = 'at_once'"


def _read_by(service: str) -> str:
    return ", ".join(f"'{topic.name}'" for topic in catalogue.topics_read_by(service))


def behind(service: str, key: str | None = None) -> str:
    """Return a query that counts the keys (or one) a service's consumer has not followed to their last event."""
    alone = f"and t.key = '{key}'" if key else ""
    return f"""
        select count(*) from (
            select topic, key, max(version) as version from faults.told
            where topic in ({_read_by(service)}) and {TOLD_BY.format("at")} group by topic, key
        ) t left join {service}.inbox_position p
            on p.consumer = '{service}' and p.topic = t.topic and p.key = t.key
        where coalesce(p.version, 0) < t.version {alone}
    """
