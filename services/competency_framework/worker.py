"""What the background roles of this service do."""

from services.competency_framework.commands import publish_frameworks
from shared.config import ServiceConfig
from shared.database import Database, UnitOfWork
from shared.principal import NATIONAL_TENANT, Principal
from shared.worker import WorkerParts


def build(config: ServiceConfig) -> WorkerParts:
    """Return handlers of events and of due work; a starting scheduler first publishes new frameworks."""
    if config.role == "scheduler":
        database = Database(config.database_url, pool_size=1)
        publish(database)
        database.dispose()
    return WorkerParts(service=config.service)


def publish(database: Database) -> list[str]:
    """Publish the frameworks beside the code that are not published yet; return their ids."""
    with UnitOfWork(database, Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        published = publish_frameworks(uow)
        uow.commit()
    return published
