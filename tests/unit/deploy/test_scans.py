"""The scans see what they are for, and say so when they cannot look."""

import pytest

from deploy.local import scans

LINES_ENOUGH = {"_totals": {"loc": scans.LEAST_LINES}}
REVIEWED = [{"filename": name, "test_id": rule, "line_number": 1, "issue_text": ""} for name, rule in scans.REVIEWED]
LOCKED = "flask==3.1.0 \\\n    --hash=sha256:" + "a" * 64 + "\n"


@pytest.mark.parametrize("line", scans.PLANTED)
def test_a_planted_secret_is_found(line: str) -> None:
    assert scans.secrets_in(["nothing here", line])[0][0] == 2


def test_an_address_that_a_template_fills_is_no_secret() -> None:
    assert scans.secrets_in(['url = f"postgresql://{role}:{password}@{host}"']) == []


def test_unsafe_code_is_reported_with_its_place() -> None:
    one = {"filename": "shared/x.py", "test_id": "B602", "line_number": 7, "issue_text": "shell"}
    report = {"metrics": LINES_ENOUGH, "errors": [], "results": [*REVIEWED, one]}

    assert scans.read_bandit(report) == ["shared/x.py:7 B602 shell"]


def test_a_scan_that_read_hardly_anything_or_not_all_is_not_good() -> None:
    unread = [{"filename": "shared/x.py", "reason": "syntax error"}]
    report = {"metrics": {"_totals": {"loc": 3}}, "errors": unread, "results": REVIEWED}

    assert len(scans.read_bandit(report)) == 2


def test_a_review_of_what_is_gone_is_reported() -> None:
    report = {"metrics": LINES_ENOUGH, "errors": [], "results": REVIEWED[1:]}

    assert len(scans.read_bandit(report)) == 1


def test_a_locked_list_names_every_package_with_version_and_hash() -> None:
    assert scans.lock_problems(LOCKED, ["flask>=3"]) == []
    assert scans.lock_problems(LOCKED, ["Flask-WTF"]) == ["flask-wtf is missing"]


@pytest.mark.parametrize("line", ["flask>=3.1", "flask==3.1.0", "--find-links /somewhere", "flask @ https://x/y.whl"])
def test_a_package_without_version_or_hash_and_a_source_are_refused(line: str) -> None:
    assert len(scans.lock_problems(f"{LOCKED}{line}\n", [])) == 1


def test_the_locked_lists_are_in_order() -> None:
    assert scans.packages() == []
