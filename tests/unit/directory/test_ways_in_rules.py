"""The last way to sign in strongly stays, whatever else there is."""

from datetime import UTC, datetime
from itertools import product

import pytest

from services.directory.domain.ways_in import LastWayIn, WayIn, WaysIn, check_may_remove

DAY = datetime(2026, 5, 3, tzinfo=UTC)
LOST = WayIn("lost", True, "Old phone", DAY)
KEPT = WayIn("kept", True, "Tablet", DAY)
CODE = WayIn("code", False, "", DAY)


@pytest.mark.parametrize(
    ("first_step", "with_code", "with_another"), list(product((True, False), (True, False), (True, False)))
)
def test_a_passkey_may_go_where_another_or_a_first_step_with_a_code_is_left(
    *, first_step: bool, with_code: bool, with_another: bool
) -> None:
    ways = WaysIn(first_step, (LOST, *([CODE] if with_code else []), *([KEPT] if with_another else [])))

    if with_another or (first_step and with_code):
        check_may_remove(ways, LOST.id)
    else:
        with pytest.raises(LastWayIn, match="Set up another one first"):
            check_may_remove(ways, LOST.id)


def test_a_code_is_no_passkey_and_neither_is_what_somebody_else_has() -> None:
    ways = WaysIn(True, (LOST, CODE))

    assert (ways.passkey("lost"), ways.passkey("code"), ways.passkey("kept")) == (LOST, None, None)
