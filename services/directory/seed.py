"""Fill the register of a new service: `python -m services.directory.seed`. Running it again changes nothing."""

import logging

from services.directory import config as settings
from services.directory.commands.first_start import load_register
from shared.config import ServiceConfig
from shared.database import Database, UnitOfWork
from shared.observability import configure_logging
from shared.principal import NATIONAL_TENANT, Principal

log = logging.getLogger(__name__)


def seed(config: ServiceConfig) -> int:
    """Register what the files beside the service hold; returns how many organisations were new."""
    database = Database(config.database_url, pool_size=1)
    try:
        with UnitOfWork(database, Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            count = load_register(uow)
            uow.commit()
    finally:
        database.dispose()
    return count


def main() -> None:
    """Run it with this process's settings."""
    config = settings.load("scheduler")
    configure_logging(config.service, "seed", config.log_level)
    log.info("The register was filled", extra={"new_organisations": seed(config)})


if __name__ == "__main__":
    main()
