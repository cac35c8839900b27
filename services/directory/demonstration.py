"""Load the demonstration: `python -m services.directory.demonstration`. Refuses to run in production.

The fictional organisations and people come from the list that fills the sign-in realm too, so both know the same person
by the same id; that is why no account is provisioned here. Running it again changes nothing.
"""

import logging
from datetime import date

from infra.keycloak.demo_people import Demonstration, load, work_subject
from services.directory import config as settings
from services.directory.commands.first_start import load_register, register_fictional
from services.directory.commands.people import NewPerson, load_people
from services.directory.commands.register import Entry
from services.directory.commands.work_accounts import link_work_account
from services.directory.domain.work_accounts import WorkAccount
from shared.config import Mode, ServiceConfig
from shared.database import Database, UnitOfWork
from shared.observability import configure_logging
from shared.principal import NATIONAL_TENANT, Principal

OPENED = date(2026, 4, 1)
REALM = "impact"
SOURCE = "made up for the demonstration"
log = logging.getLogger(__name__)


def load_demonstration(config: ServiceConfig) -> dict[str, int]:
    """Fill the register, then the fictional organisations and people; returns how many of each were new."""
    if config.mode is Mode.PRODUCTION:
        raise SystemExit("The demonstration is never loaded in production.")
    database = Database(config.database_url, pool_size=1)
    shown = load()
    try:
        with UnitOfWork(database, Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            counts = {
                "register": load_register(uow),
                "fictional": register_fictional(uow, fictional_organisations(shown)),
                "roles": load_people(uow, people_of(shown), provision=False),
            }
            link_demonstration_accounts(uow, shown)
            uow.commit()
    finally:
        database.dispose()
    return counts


def link_demonstration_accounts(uow: UnitOfWork, shown: Demonstration) -> None:
    """Write down the work accounts that the realm was filled with."""
    work = settings.load_work_issuer()
    for person in shown.people if work else ():
        if work is not None and person.work_account:
            account = WorkAccount(work.issuer, work_subject(person.username, REALM), person.email, person.email)
            link_work_account(uow, person.person_id, account)


def fictional_organisations(shown: Demonstration) -> list[Entry]:
    """Return the fictional ICBs, then what belongs to them; regions and the national team are in the real register."""
    regions = {tenant.code: tenant.region for tenant in shown.tenants}
    boards = [_entry(t.code, t.name, t.kind, t.region, None, t.code) for t in shown.tenants if t.kind == "icb"]
    trusts = [
        _entry(o.code, o.name, o.kind, regions[o.tenant], o.sector, o.tenant)
        for o in shown.organisations
        if o.kind in ("trust", "place", "national")
    ]
    return boards + trusts


def people_of(shown: Demonstration) -> list[NewPerson]:
    """Return the people of the list; realm roles are roles in the national body."""
    return [
        NewPerson(
            name=f"{person.first_name} {person.last_name}",
            email=person.email,
            roles=(
                *((m.organisation, role) for m in person.memberships for role in m.roles),
                *((NATIONAL_TENANT, role) for role in person.realm_roles),
            ),
            person_id=person.person_id,
        )
        for person in shown.people
    ]


def _entry(code: str, name: str, kind: str, region: str | None, sector: str | None, tenant: str) -> Entry:
    return Entry(code, name, kind, region, sector, True, OPENED, None, SOURCE, tenant, OPENED)


def main() -> None:
    """Run it with this process's settings."""
    config = settings.load("scheduler")
    configure_logging(config.service, "demonstration", config.log_level)
    log.info("The demonstration was loaded", extra=load_demonstration(config))


if __name__ == "__main__":
    main()
