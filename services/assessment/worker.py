"""What the background roles of this service do."""

from services.assessment import config as settings
from services.assessment.commands.evidence import SCAN_WORK, SWEEP_WORK
from services.assessment.commands.question_sets import publish_question_sets
from services.assessment.file_work import ScanFile, SweepFile
from services.assessment.handlers import DUE_HANDLERS, HANDLERS
from shared.config import MissingSetting, ServiceConfig
from shared.database import Database, UnitOfWork
from shared.principal import NATIONAL_TENANT, Principal
from shared.scanning import Scanner
from shared.scheduler import DueHandler
from shared.storage import FileStore
from shared.worker import WorkerParts


def build(config: ServiceConfig) -> WorkerParts:
    """Return handlers of events and of due work; a starting scheduler first publishes new question sets."""
    due_handlers = dict(DUE_HANDLERS)
    if config.role == "scheduler":
        if config.aws is None:
            raise MissingSetting("AWS_ACCESS_KEY_ID")
        due_handlers |= file_handlers(FileStore(config.aws), settings.load_scanner(config))
        database = Database(config.database_url, pool_size=1)
        publish(database)
        database.dispose()
    return WorkerParts(service=config.service, handlers=HANDLERS, due_handlers=due_handlers)


def file_handlers(files: FileStore, scanner: Scanner) -> dict[str, DueHandler]:
    """Return what is done with files once a request stored them."""
    return {SCAN_WORK: ScanFile(files, scanner), SWEEP_WORK: SweepFile(files)}


def publish(database: Database) -> list[str]:
    """Publish the question sets beside the code that are not published yet; return their ids."""
    with UnitOfWork(database, Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        published = publish_question_sets(uow)
        uow.commit()
    return published
