"""How long messages are kept, and what is told at all.

The period is this service's own; whoever decides about the data may want another (docs/retention.md).
"""

from datetime import datetime

MESSAGE_KEPT_MONTHS = 12
"""After it was made, with the record of its mail: a board's year, so that somebody can still find what they were told.
What it was about stands where it happened."""


def is_too_old_to_tell(happened_at: datetime, before: datetime) -> bool:
    """Whether something happened so long ago that its message would be deleted already.

    An event that comes again so late, read back from the beginning or out of quarantine, finds no trace of having been
    told: it is told no second time.
    """
    return happened_at <= before
