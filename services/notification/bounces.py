"""Collects what the mail service says about mails that came back, from the queue it writes to.

The queue is read, not a public address called: nobody outside can make a person's mail look dead.
"""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

from services.notification import commands
from shared.database import UnitOfWork
from shared.scheduler import Chore

EVERY = timedelta(seconds=30)
CODES = {"Bounce": "bounced", "Complaint": "complained"}
log = logging.getLogger(__name__)


class Feedback(Protocol):
    """The queue of the mail service's messages about mails."""

    def receive(self) -> list[tuple[str, str]]:
        """Return (receipt, body) of waiting messages."""

    def done(self, receipt: str) -> None:
        """Take one message off the queue."""


def bounce_of(body: str) -> tuple[str, str, str] | None:
    """Return (tenant, provider id, failure code) of a bounce or complaint, None for any other message.

    A soft bounce is none: the mail service tries again by itself. The tenant stands in the tag that our mail carried.
    """
    message: dict[str, Any] = json.loads(body)
    if "Message" in message:
        message = json.loads(message["Message"])
    kind = message.get("eventType") or message.get("notificationType")
    transient = message.get("bounce", {}).get("bounceType") == "Transient"
    reference = (message.get("mail", {}).get("tags", {}).get("reference") or [""])[0]
    if kind not in CODES or transient or "-" not in reference:
        return None
    return reference.split("-", 1)[0], str(message["mail"]["messageId"]), CODES[kind]


def collect(feedback: Feedback, unit: Callable[[str, str], UnitOfWork]) -> int:
    """Note every bounce that waits, each in a transaction of its own before it leaves the queue; return how many."""
    noted = 0
    for receipt, body in feedback.receive():
        try:
            bounce = bounce_of(body)
        except (ValueError, KeyError, AttributeError) as error:
            log.warning("A message about a mail cannot be read", extra={"error": type(error).__name__})
            bounce = None
        if bounce is not None:
            tenant_id, provider_id, code = bounce
            with unit(tenant_id, tenant_id) as uow:
                noted += commands.record_bounce(uow, provider_id, code)
                uow.commit()
        feedback.done(receipt)
    return noted


def chore(feedback: Feedback) -> Chore:
    """Return the chore that collects bounces."""

    def run(unit: Callable[[str, str], UnitOfWork]) -> None:
        collect(feedback, unit)

    return Chore("collect-bounces", EVERY, run)
