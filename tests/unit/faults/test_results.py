"""The kept table of faults: a run renews the lines of its own tests and no others."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import results
from tests.faults.results import Result, Results, kept, notes, page, renewed

LINE = Result("F1", "full", "web worker killed", 4, 250, 5, 0, 2149, 0, "2.0 s", "a", "2026-11-01", 2)


def test_a_run_replaces_what_its_tests_said_before_and_keeps_the_others() -> None:
    before = [LINE, replace(LINE, fault="F10", test="c"), replace(LINE, fault="F2", test="b")]
    again = replace(LINE, worst="1.0 s", measured_on="2026-11-27")

    lines = renewed(before, [again])

    assert [(line.fault, line.worst) for line in lines] == [("F1", "1.0 s"), ("F2", "2.0 s"), ("F10", "2.0 s")]


def test_only_full_figures_are_kept_and_each_line_says_when_it_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KEPT", "TABLE", "LAST_RUN"):
        monkeypatch.setattr(results, name, tmp_path / name)
    (tmp_path / "TABLE").write_text("an old page\n" + results.BELOW + "What people wrote.\n")
    run = Results()
    run.add(LINE)
    run.add(replace(LINE, fault="F2", figures="short"))
    run.keep()

    (line,) = kept(tmp_path / "KEPT")
    assert line.test.endswith("test_only_full_figures_are_kept_and_each_line_says_when_it_was_measured")
    text = (tmp_path / "TABLE").read_text()
    assert f"| {line.measured_on}, {line.cores} cores |" in text
    assert text.endswith("What people wrote.\n")
    assert "an old page" not in text
    assert [each["figures"] for each in json.loads((tmp_path / "LAST_RUN").read_text())] == ["full", "short"]


def test_the_page_in_docs_is_the_one_its_figures_give() -> None:
    assert results.TABLE.read_text() == page(kept(results.KEPT)) + notes(results.TABLE)
