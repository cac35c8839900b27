"""The bench itself works: every row is measured on a small nation. No time is judged here."""

import os

import pytest

from infra.servers import ConnectionSettings, Profile
from tests.bench.__main__ import measured
from tests.bench.nation import SMALL, Nation
from tests.bench.report import line_of

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    ("part", "rows"),
    [("assessments", 9), ("trusts", 2), ("pages", 3), ("events", 3)],
)
def test_each_part_of_the_bench_measures_what_it_says(servers: ConnectionSettings, part: str, rows: int) -> None:
    profile = Profile(os.environ.get("IMPACT_TEST_PROFILE", "test"))

    found = list(measured([part], Nation(SMALL), profile, servers, small=True))

    assert len(found) == rows
    assert all(line_of(row).count("|") == 6 for row in found)
    assert not [row for row in found if row.goal == "0 errors" and not row.met]
