"""A5: what an error says about the values it happened to is not written into a log."""

import json
import logging
import sys
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from shared.observability import JsonFormatter
from shared.problems import Conflict

TYPED = "what somebody typed"


def refused_by_the_database() -> None:
    words = f'null value in column "x"\nDETAIL:  Failing row contains (7, {TYPED}).'
    try:
        raise psycopg.errors.NotNullViolation(words)
    except psycopg.Error as error:
        raise IntegrityError("insert into t values (%s)", [TYPED], error) from error


def missed_in_a_lookup() -> None:
    {}[TYPED]


def misread() -> None:
    try:
        int(TYPED)
    except ValueError as error:
        raise RuntimeError(f"cannot read {TYPED}") from error


def beside_another() -> None:
    try:
        missed_in_a_lookup()
    finally:
        raise OSError(f"https://example.org/?q={TYPED}")


def logged(fail: Callable[[], None]) -> str:
    try:
        fail()
    except Exception:
        record = logging.LogRecord("shared.x", logging.ERROR, __file__, 1, "It failed", (), sys.exc_info())
    line = JsonFormatter("assessment", "consumer").format(record)
    assert len(line.splitlines()) == 1
    return str(json.loads(line)["error"])


@pytest.mark.parametrize("fail", [refused_by_the_database, missed_in_a_lookup, misread, beside_another])
def test_values_stay_out_and_kind_and_place_are_there(fail: Callable[[], None]) -> None:
    error = logged(fail)

    assert TYPED not in error
    assert f"in {fail.__name__}" in error
    assert "test_logged_errors.py" in error


def test_every_cause_is_told_the_first_one_first() -> None:
    error = logged(refused_by_the_database)

    assert error.index("psycopg.errors.NotNullViolation: 23502") < error.index("sqlalchemy.exc.IntegrityError")
    assert logged(misread).index("ValueError") < logged(misread).index("RuntimeError")
    assert logged(beside_another).index("KeyError") < logged(beside_another).index("OSError")


def test_words_of_our_own_errors_and_names_from_the_program_are_kept() -> None:
    def ours() -> None:
        raise Conflict("plan-busy", "Somebody else is at it.")

    def a_slip() -> None:
        None.missing  # type: ignore[attr-defined]  # noqa: B018

    assert logged(ours).endswith("shared.problems.Conflict: Somebody else is at it.")
    assert "has no attribute 'missing'" in logged(a_slip)
