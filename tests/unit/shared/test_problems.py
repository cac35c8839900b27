"""What is logged when the database refuses: which statement of ours, and none of the values."""

import logging

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from shared import problems
from shared.observability import JsonFormatter


def test_the_log_of_a_refused_statement_holds_nobodys_words(caplog: pytest.LogCaptureFixture) -> None:
    refused = psycopg.errors.CheckViolation("new row violates a check\nDETAIL: Failing row contains (a private word).")
    error = IntegrityError("insert into answer", {"why": "a private word"}, refused)

    with caplog.at_level(logging.ERROR):
        problem = problems.from_database(error)

    line = JsonFormatter("assessment", "web").format(caplog.records[0])
    assert problem.status == 500
    assert "CheckViolation 23514" in line
    assert "private word" not in line
