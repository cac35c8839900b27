"""Makes and audits a set of figures that an analyst asked for.

It takes a second or so, longer with every earlier set, and no request and no transaction may be held that long; so
it is due work: read in one transaction of the aggregator, think without any, write in another.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from services.insight.aggregation import keep, read_everything
from services.insight.config import InsightConfig
from services.insight.figures import make_figures
from services.insight.models import figure_set
from shared.database import Database, UnitOfWork
from shared.principal import NATIONAL_TENANT, Principal
from shared.scheduler import Work

CHECK_FIGURES: Final = "insight.check-figures"


@dataclass(frozen=True, slots=True)
class Asked:
    """A set that waits to be made."""

    set_id: str
    as_at: str


class FigureCheck:
    """Due work: make the set, try to undo it, and keep it only if that fails."""

    def __init__(self, config: InsightConfig) -> None:
        self._url = config.aggregator_url

    def prepare(self, uow: UnitOfWork, work: Work) -> Asked | None:
        """Return the set to make; None when another one was asked for since."""
        each = figure_set.c
        found = uow.session.execute(
            select(each.as_at).where(each.id == work.object_id, each.state == "checking")
        ).first()
        return Asked(work.object_id, found.as_at.isoformat()) if found else None

    def act(self, prepared: Asked) -> None:
        """Make the set in the aggregator's own transactions."""
        database = Database(self._url, pool_size=1)
        principal = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)
        try:
            with UnitOfWork(database, principal) as uow:
                read = read_everything(uow, today=prepared.as_at)
            outcome = make_figures(read, as_at=prepared.as_at)
            with UnitOfWork(database, principal) as uow:
                keep(uow, prepared.set_id, outcome)
                uow.commit()
        finally:
            database.dispose()

    def record(self, uow: UnitOfWork, work: Work, prepared: Asked, result: Any) -> None:
        """Nothing is left to write: the set's state changed with its cells."""
