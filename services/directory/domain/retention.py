"""How long the directory keeps what it holds about people. Audit is no part of it: that is the organisation's record.

The periods are this service's own; whoever decides about the data may want others (docs/retention.md).
"""

from collections.abc import Iterable
from datetime import datetime

from services.directory.domain.terms import Term

INVITATION_KEPT_MONTHS = 12
"""After it was taken up, withdrawn or ran out. It tells who let whom in, which is asked while a board's year lasts;
who gave which role stays with the role. It names people who never came, who have no other business with us."""
ADDRESS_KEPT_MONTHS = 12
"""After the last role ended: address, linked accounts and the sign-in account. Whoever comes back within a month is
the same person by the address (terms.py); for the rest of the year the organisation can still ask how to reach whoever
signed something off. The name stays under what was done, as part of the organisation's record."""


def address_is_due(terms: Iterable[Term], before: datetime) -> bool:
    """Whether somebody who had roles has held none since `before`."""
    ends = [term.ends for term in terms]
    return bool(ends) and all(end is not None and end <= before for end in ends)
