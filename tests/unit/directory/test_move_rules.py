"""When an organisation may move to another tenant."""

from datetime import date

import pytest

from services.directory.domain.errors import RuleBroken
from services.directory.domain.intervals import Interval
from services.directory.domain.moves import MoveInvalid, MoveRefused, Placement, check_move

TODAY = date(2026, 11, 24)
SINCE = date(2026, 4, 1)
OPEN = Interval(date(2022, 7, 1))


def placement(*, kind: str = "trust", open_: Interval = OPEN, tenant: str | None = "QKK") -> Placement:
    return Placement("RPG", kind, open_, tenant, SINCE if tenant else None)


def move(
    place: Placement | None = None,
    *,
    to: str = "QKS",
    tenant_open: Interval | None = OPEN,
    on: date = date(2026, 10, 1),
) -> None:
    check_move(place or placement(), to, tenant_open, on, today=TODAY)


def test_an_open_trust_moves_to_another_open_tenant() -> None:
    move()


def test_a_trust_without_a_tenant_is_placed_in_one() -> None:
    move(placement(tenant=None))


def test_a_move_may_take_effect_today() -> None:
    move(on=TODAY)


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        ({"to": "QZZ", "tenant_open": None}, MoveInvalid),
        ({"tenant_open": Interval(date(2022, 7, 1), SINCE)}, MoveInvalid),
        ({"to": "QKK"}, MoveRefused),
        ({"place": placement(open_=Interval(date(2022, 7, 1), SINCE))}, MoveRefused),
        ({"place": placement(kind="icb")}, MoveRefused),
        ({"on": date(2026, 11, 25)}, MoveInvalid),
        ({"on": date(2024, 4, 1)}, MoveInvalid),
        ({"on": SINCE}, MoveInvalid),
    ],
    ids=[
        "unknown tenant",
        "closed tenant",
        "same tenant",
        "closed organisation",
        "an icb itself",
        "a day still to come",
        "far past",
        "not after the last move",
    ],
)
def test_a_move_that_makes_no_sense_is_refused(refused: dict[str, object], error: type[RuleBroken]) -> None:
    with pytest.raises(error):
        move(**refused)  # type: ignore[arg-type]
