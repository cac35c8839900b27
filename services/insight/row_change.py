"""What one event, or several in a row, say about one row of the read model."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

Values = dict[str, Any]
HOLDS = frozenset({"approved", "closed", "withdrawn"})
"""States of a plan that what is said of a draft leaves alone."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an event says about one row: the row's key, and the columns that the event sets.

    What is said `of_draft` counts while the row's plan is a draft only: a revision of a plan that holds is no news.
    """

    table: Table
    key: Values
    values: Values
    of_draft: Values = field(default_factory=dict)

    @property
    def row(self) -> tuple[str, ...]:
        """What tells this row from all others."""
        return (self.table.name, *(str(value) for value in self.key.values()))

    def then(self, later: "Change") -> "Change":
        """Both changes of one row as one, the later event's word being the last."""
        values, of_draft = self.values | later.values, self.of_draft | later.of_draft
        if self.values.get("state") in HOLDS:
            of_draft = self.of_draft
        elif "state" in self.values:
            values, of_draft = values | later.of_draft, self.of_draft
        unsettled = {name: value for name, value in of_draft.items() if name not in values}
        return Change(self.table, self.key, values, unsettled)
