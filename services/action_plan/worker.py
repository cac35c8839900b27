"""What the background roles of this service do."""

from services.action_plan.handlers import DUE_HANDLERS, HANDLERS
from shared.config import ServiceConfig
from shared.worker import WorkerParts


def build(config: ServiceConfig) -> WorkerParts:
    """Return handlers of events and of due work."""
    return WorkerParts(service=config.service, handlers=HANDLERS, due_handlers=DUE_HANDLERS)
