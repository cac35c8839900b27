"""`backup` and `restore` of one profile: the services' database, proved equal by counting, and Keycloak's.

The steps around them (when, what happens to events told since the backup, who is told) are in
docs/runbooks/restore.md.
"""

from __future__ import annotations

from pathlib import Path

from deploy.local.steps import heading, say, step
from deploy.local.system import System
from infra.postgres.backup import back_up, restore
from infra.postgres.contents import Contents
from infra.servers import Servers


def write_backup(system: System, folder: Path) -> int:
    """Back up a running system while people work; 0 when the folder holds a whole backup."""
    if not Servers(system.profile, only=["postgres"]).is_running():
        say("The database does not run. Start it with: make up")
        return 1
    if folder.exists():
        say(f"{folder} exists. Name a folder that does not: a backup is never written over another.")
        return 1
    with step("Databases backed up"):
        contents = back_up(system.servers.settings.postgres, folder)
    _say_what_it_holds(contents)
    return 0


def restore_backup(system: System, folder: Path) -> int:
    """Restore into a profile that is down and holds no tables; 0 when what is there now is what was backed up."""
    if system.supervisor.is_running():
        say("The services run. Stop them first with: make down")
        return 1
    heading("Restore")
    database = Servers(system.profile, only=["postgres"])
    with step("PostgreSQL"):
        database.start()
    with step("Databases restored and counted"):
        contents = restore(database.settings.postgres, folder)
    _say_what_it_holds(contents)
    say("Go on with step 3 of docs/runbooks/restore.md.")
    return 0


def _say_what_it_holds(contents: Contents) -> None:
    rows = sum(sum(by_tenant.values()) for by_tenant in contents.rows.values())
    tenants = {tenant for by_tenant in contents.rows.values() for tenant in by_tenant if tenant}
    say(f"  {len(contents.rows)} tables, {rows} rows of {len(tenants)} tenants, {len(contents.protection)} rules.")
