"""Sizes and names: a file fits one sitting, a function does one thing, a name says what is in it."""

import re
from collections import Counter

import pytest

from tests.architecture.source_tree import ROOT, SERVICES, functions_of, python_files, relative

LONGEST_FUNCTION, USUAL_FUNCTION = 40, 25
LONGEST_FILE, USUAL_FILE = 400, 250
LONGER_THAN_USUAL = 0.05
"""How many files of a hundred, and functions, may be longer than usual: most lists of columns and stories told."""
EMPTY_NAMES = {"utils", "helpers", "common", "manager", "base", "misc", "util", "helper"}
ROOMS = ("app.py", "config.py", "models.py", "routes", "domain", "migrations", "worker.py")
NO_DOMAIN_WORDS = re.compile(
    r"\b(assessment|question set|action plan|competenc\w+|respondent|sign-off|maturity|bulletin|matrix)\b",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{relative(path)}:{function.lineno} {function.name}"
        for path in python_files()
        if "migrations/versions" not in relative(path)
        for function in functions_of(path)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]

    assert long == []


def test_no_file_is_longer_than_one_sitting() -> None:
    long = [relative(path) for path in python_files() if len(path.read_text().splitlines()) > LONGEST_FILE]

    assert long == []


def test_functions_and_files_are_usually_shorter_than_that() -> None:
    functions = [
        (function.end_lineno or 0) - function.lineno + 1 for path in python_files() for function in functions_of(path)
    ]
    files = [len(path.read_text().splitlines()) for path in python_files()]

    assert sum(lines > USUAL_FUNCTION for lines in functions) < LONGER_THAN_USUAL * len(functions)
    assert sum(lines > USUAL_FILE for lines in files) < LONGER_THAN_USUAL * len(files)


def test_every_file_is_named_for_what_it_holds() -> None:
    assert [relative(path) for path in python_files() if path.stem in EMPTY_NAMES] == []


def test_no_two_files_of_tests_outside_packages_have_one_name() -> None:
    """pytest imports such a file by its name alone, and leaves out the second with an error."""
    tests = [path for path in python_files("tests") if path.name.startswith("test_")]
    names = Counter(path.name for path in tests if not (path.parent / "__init__.py").exists())

    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_rooms(service: str) -> None:
    wanted = [room for room in ROOMS if not (service == "portal" and room in {"routes", "domain", "worker.py"})]

    missing = [room for room in wanted if not (ROOT / "services" / service / room).exists()]

    assert missing == []


def test_mechanisms_use_no_word_of_the_business() -> None:
    found = [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in python_files("shared")
        if not relative(path).startswith(("shared/contracts/", "shared/testing/"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if NO_DOMAIN_WORDS.search(line) and "event_types" not in line
    ]

    assert found == []


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{relative(path)}:{number}"
        for path in python_files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if UNFINISHED.search(line)
    ]

    assert found == []


def test_every_function_says_its_types() -> None:
    """mypy --strict checks the types themselves; this catches a file that was left out of its run."""
    untyped = [
        f"{relative(path)}:{function.lineno} {function.name}"
        for path in python_files()
        if "migrations/versions" not in relative(path)
        for function in functions_of(path)
        if function.returns is None
    ]

    assert untyped == []
