"""What the background roles of this service do."""

from services.notification import bounces
from services.notification.addresses import DirectoryAddresses
from services.notification.commands import SEND_AT_ONCE, SEND_SUMMARY
from services.notification.config import mail_settings
from services.notification.handlers import HANDLERS
from services.notification.mailing import Mailing
from services.notification.retention import FORGET
from shared.config import ServiceConfig
from shared.mail import SesFeedback, SesMailSender
from shared.scheduler import Chore, DueHandler
from shared.service_token import ServiceToken
from shared.worker import WorkerParts


def build(config: ServiceConfig) -> WorkerParts:
    """Return handlers of events and of due work; only the scheduler needs the mail service and directory."""
    if config.aws is None:
        return WorkerParts(service=config.service, handlers=HANDLERS)
    settings = mail_settings()
    addresses = DirectoryAddresses(settings.directory_url, ServiceToken(settings.account))
    sender = SesMailSender(config.aws)
    due: dict[str, DueHandler] = {
        SEND_AT_ONCE: Mailing(sender, addresses, config.portal_url, daily=False),
        SEND_SUMMARY: Mailing(sender, addresses, config.portal_url, daily=True),
    }
    chores: tuple[Chore, ...] = (FORGET,)
    if settings.bounce_queue_url is not None:
        chores = (*chores, bounces.chore(SesFeedback(config.aws, settings.bounce_queue_url)))
    return WorkerParts(service=config.service, handlers=HANDLERS, due_handlers=due, chores=chores)
