"""Make the first national administrator: `python -m services.directory.bootstrap_admin --name … --email …`.

Prints the person's id. An operator gives it to the administrator's sign-in account as its attribute `person_id`,
together with the realm role `national-administrator`: national accounts are outside what this service may change.
"""

import argparse
import sys

from services.directory import config as settings
from services.directory.commands.first_start import load_register
from services.directory.commands.people import appoint_first_administrator
from services.directory.domain.errors import RuleBroken
from shared.database import Database, UnitOfWork
from shared.principal import NATIONAL_TENANT, Principal
from shared.problems import Invalid


def main() -> None:
    """Fill the register if need be, then appoint; ends with 1 and a sentence when there is an administrator already."""
    parser = argparse.ArgumentParser(prog="python -m services.directory.bootstrap_admin")
    parser.add_argument("--name", required=True)
    parser.add_argument("--email", required=True)
    arguments = parser.parse_args()
    config = settings.load("scheduler")
    with UnitOfWork(
        Database(config.database_url, pool_size=1), Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)
    ) as uow:
        load_register(uow)
        try:
            person_id = appoint_first_administrator(uow, name=arguments.name, email=arguments.email)
        except RuleBroken as refused:
            sys.exit(refused.message)
        except Invalid as wrong:
            sys.exit(wrong.detail)
        uow.commit()
    sys.stdout.write(f"{person_id}\n")


if __name__ == "__main__":
    main()
