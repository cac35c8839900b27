"""What later migrations of every service change at the mechanism tables; `mechanism.py` says what these are by now."""

from shared.tenancy import IS_SERVICE, Kind, Operations

ASKED = Kind.ANSWERS_GIVEN.value.select
"""Whose answer it is: as the table was made."""


def end_doubled_tenancies(op: Operations) -> None:
    """Remove tenancies that an entry told afresh after a move had opened beside the one the move opened.

    Theirs is the same tenant and the day of the move, which begins before the moment at which the move was told. The
    owner, whom no policy admits, sees the rows only while row security is not forced on it: within this transaction.
    """
    op.execute("alter table known_tenancy no force row level security")
    op.execute(
        "delete from known_tenancy doubled using known_tenancy held"
        " where held.org_id = doubled.org_id and held.tenant_id = doubled.tenant_id"
        " and doubled.valid_from < held.valid_from"
        " and (doubled.valid_to is null or doubled.valid_to > held.valid_from)"
    )
    op.execute("alter table known_tenancy force row level security")


def forget_old_answers(op: Operations) -> None:
    """Let our processes see and delete answers to repeated requests once nobody repeats them any more."""
    over = f"{IS_SERVICE} and created_at < now() - interval '2 days'"
    op.execute(f"alter policy idempotency_key_select on idempotency_key using (({ASKED}) or ({over}))")
    op.execute(f"alter policy idempotency_key_delete on idempotency_key using ({over})")
    op.execute("create index if not exists idempotency_key_by_age on idempotency_key (created_at)")


def keep_old_answers(op: Operations) -> None:
    """Take that back."""
    op.execute("drop index if exists idempotency_key_by_age")
    for command in ("select", "delete"):
        op.execute(f"alter policy idempotency_key_{command} on idempotency_key using ({ASKED})")


VERSION_READERS = ("app", "relay")
"""Roles of a service with events; the portal has no relay."""


def let_processes_read_the_version(op: Operations, roles: tuple[str, ...] = VERSION_READERS) -> None:
    """Let the service's processes see how far its schema is migrated, and write nothing of it.

    Row security is not forced here: the owner, whom no policy admits, writes each version as it migrates.
    """
    schema = op.get_bind().exec_driver_sql("select current_schema()").scalar_one()
    readers = ", ".join(f"{role}_{schema}" for role in roles)
    op.execute("alter table alembic_version enable row level security")
    op.execute(f"create policy alembic_version_select on alembic_version for select to {readers} using (true)")
    op.execute(f"grant select on alembic_version to {readers}")


def hide_the_version(op: Operations, roles: tuple[str, ...] = VERSION_READERS) -> None:
    """Take that back."""
    schema = op.get_bind().exec_driver_sql("select current_schema()").scalar_one()
    for role in roles:
        op.execute(f"revoke all on alembic_version from {role}_{schema}")
    op.execute("drop policy alembic_version_select on alembic_version")
    op.execute("alter table alembic_version disable row level security")


TRAIL = ("audit_entry", "audit_seal")


def refuse_changes_of_the_trail(op: Operations) -> None:
    """Let nobody change what was audited or sealed, the owner of the tables included; nothing of ours ever does.

    The trigger is one a statement: row security shows the owner no row, and a trigger for each row would never fire.
    """
    schema = op.get_bind().exec_driver_sql("select current_schema()").scalar_one()
    op.execute(
        "create function refuse_change_of_trail() returns trigger language plpgsql as $$ begin"
        " raise exception 'permission denied: % of % (the audit trail is only added to)', tg_op, tg_table_name"
        " using errcode = 'insufficient_privilege'; end $$"
    )
    for table in TRAIL:
        op.execute(
            f"create trigger {table}_only_grows before update or delete or truncate on {table}"
            " for each statement execute function refuse_change_of_trail()"
        )
    for command in ("update", "delete"):
        op.execute(f"drop policy audit_seal_{command} on audit_seal")
        op.execute(f"revoke {command} on audit_seal from app_{schema}")


def admit_changes_of_the_trail(op: Operations) -> None:
    """Take that back."""
    schema = op.get_bind().exec_driver_sql("select current_schema()").scalar_one()
    for table in TRAIL:
        op.execute(f"drop trigger {table}_only_grows on {table}")
    op.execute("drop function refuse_change_of_trail()")
    for command, check in (("update", f" with check ({IS_SERVICE})"), ("delete", "")):
        policy = f"create policy audit_seal_{command} on audit_seal for {command} to app_{schema}"
        op.execute(f"{policy} using ({IS_SERVICE}){check}")
        op.execute(f"grant {command} on audit_seal to app_{schema}")
