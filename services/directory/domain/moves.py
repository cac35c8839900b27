"""When an organisation may move to another tenant.

A move re-keys every row of the organisation in every service, so it is one dated decision of a
national administrator, never a by-product.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from services.directory.domain.errors import RuleBroken
from services.directory.domain.intervals import Interval

EARLIEST = timedelta(days=366)  # a year back covers the last April; older history is not re-dated


class MoveRefused(RuleBroken):
    """The move makes no sense for this organisation or this day."""

    slug = "move-refused"
    kind = "conflict"


class MoveInvalid(RuleBroken):
    """The tenant or the day asked for cannot be right."""

    slug = "move-invalid"
    kind = "invalid"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an organisation is: its kind, the days it is open, its tenant now and since when (None: in no tenant)."""

    code: str
    kind: str
    open: Interval
    tenant: str | None
    since: date | None


def check_move(
    placement: Placement, to_tenant: str, tenant_open: Interval | None, effective_on: date, *, today: date
) -> None:
    """Raises MoveInvalid or MoveRefused unless the organisation can be in `to_tenant` from `effective_on` on.

    `tenant_open` is when the ICB asked for is open, None when no such ICB is registered. A day still to
    come is refused: the services re-key rows when they hear of the move, so it is recorded on its day.
    """
    if placement.kind not in {"trust", "place"}:
        raise MoveRefused("Only trusts and places belong to an ICB and can move.")
    if tenant_open is None:
        raise MoveInvalid(f"{to_tenant} is not an ICB in the register.", field="to_tenant")
    if not tenant_open.holds(max(effective_on, today)):
        raise MoveInvalid(f"{to_tenant} is not open on that day.", field="to_tenant")
    if placement.tenant == to_tenant:
        raise MoveRefused(f"{placement.code} is in {to_tenant} already.")
    if not placement.open.holds(today):
        raise MoveRefused(f"{placement.code} is closed. A closed organisation stays where it was.")
    _check_day(placement, effective_on, today)


def _check_day(placement: Placement, effective_on: date, today: date) -> None:
    if effective_on > today:
        raise MoveInvalid(
            "This day is still to come. Record the move on the day it takes effect.", field="effective_on"
        )
    if effective_on < today - EARLIEST:
        raise MoveInvalid("This is more than a year ago. Give a day in the last year.", field="effective_on")
    if placement.since is not None and effective_on <= placement.since:
        raise MoveInvalid(
            f"{placement.code} has been in {placement.tenant} since {placement.since:%Y-%m-%d}. Give a later day.",
            field="effective_on",
        )
