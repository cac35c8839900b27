"""Handles dead letters again, after the fault was mended: an audited command with a policy."""

import logging
from typing import Literal

from shared import quarantine
from shared.handling import EventHandling, Outcome

log = logging.getLogger(__name__)


def replay_dead_letters(handling: EventHandling, *, limit: int, policy: Literal["stop", "skip"]) -> int:
    """Handle up to `limit` open dead letters, oldest first; return how many were resolved.

    `stop` ends at the first that fails again, `skip` goes on with the next. A letter whose key waited (order matters)
    moves that key forward, and what was parked behind it is handled by the consumer's next look at parked events.
    """
    with handling.service_unit() as uow:
        letters = quarantine.open_letters(uow, handling.consumer, limit)
    resolved = 0
    for letter in letters:
        try:
            outcome = handling.handle(quarantine.record_of(letter), again=True)
        except Exception as error:
            log.warning("A dead letter failed again", exc_info=error, extra={"dead_letter": str(letter.id)})
            if policy == "stop":
                break
            continue
        if outcome is not Outcome.PARKED:
            with handling.service_unit() as uow:
                quarantine.resolve(uow, letter.id, by="operator", at=uow.now)
                uow.commit()
            resolved += 1
    return resolved
