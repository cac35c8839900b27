"""What the mail service was given: the scenes' mails on the wire, read from the folder of its stand-in."""

import email
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

from shared.clock import FrozenClock
from shared.config import AwsConfig
from shared.mail import SesMailSender
from shared.scheduler import DueHandler, Scheduler
from shared.testing.service_under_test import ServiceUnderTest

IN_TWO_DAYS = timedelta(days=2)
"""By then whatever waits for the mail of the next morning has gone."""


@dataclass
class Mailbox:
    """Sends what is due through the stand-in, and reads what arrived there since this was made."""

    aws: AwsConfig
    folder: Path
    since: float = field(default_factory=time.time)

    def sender(self) -> SesMailSender:
        """Return the product's own way of sending."""
        return SesMailSender(self.aws)

    @staticmethod
    def deliver(service: ServiceUnderTest, handlers: dict[str, DueHandler]) -> None:
        """Send everything that is due within two days."""
        clock = FrozenClock(datetime.now(UTC) + IN_TWO_DAYS)
        scheduler = Scheduler(service.database, handlers, stop=lambda: False, clock=clock)
        while scheduler.run_once():
            pass

    def mails(self) -> Iterator[tuple[str, str]]:
        """Yield each mail's address with its subject, headers and text."""
        for file in sorted(self.folder.glob("*.eml")):
            if file.stat().st_mtime >= self.since:
                mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
                assert isinstance(mail, EmailMessage)
                headers = "\n".join(f"{name}: {value}" for name, value in mail.items() if name != "To")
                yield str(mail["To"]), f"{headers}\n{mail.get_content()}"
