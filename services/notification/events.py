"""Builds the events this service publishes."""

from typing import Any

from shared.contracts import event_types
from shared.outbox import Event


def message_failed(told: Any, failure_code: str) -> Event:
    """A mail did not reach a person; `told` is the message's row (id, kind, person_id, org_id, mail_attempts)."""
    return Event(
        event_types.MESSAGE_FAILED,
        key=str(told.id),
        org_id=told.org_id,
        actor=False,
        data={
            "message_id": str(told.id),
            "message_kind": told.kind,
            "recipient_id": told.person_id,
            "failure_code": failure_code,
            "attempts": told.mail_attempts,
        },
    )
