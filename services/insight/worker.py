"""What the background roles of this service do: follow the events, and check figures that somebody asked for."""

from services.insight import config as settings
from services.insight.figure_check import CHECK_FIGURES, FigureCheck
from services.insight.handlers import HANDLERS, together
from shared.config import ServiceConfig
from shared.worker import WorkerParts


def build(config: ServiceConfig) -> WorkerParts:
    """Return handlers of events and of due work; only the scheduler needs the aggregator's login."""
    checks = {} if config.role == "consumer" else {CHECK_FIGURES: FigureCheck(settings.with_further_logins(config))}
    return WorkerParts(service=config.service, handlers=HANDLERS, due_handlers=checks, together=together)
