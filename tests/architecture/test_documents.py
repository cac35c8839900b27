"""What the documents point at is there: a renamed test or page must not leave a promise behind that nothing shows."""

import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
IN_CODE_STYLE = re.compile(r"`((?:tests|docs|deploy|infra|services|shared)/[\w./-]+)`")
LINKS = re.compile(r"\]\(([^)#:]+)\)")
COMMANDS = re.compile(r"`make ([a-z-]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = [ROOT / path for path in IN_CODE_STYLE.findall(text)]
    linked = [document.parent / path for path in LINKS.findall(text)]

    assert [str(path) for path in (*named, *linked) if not path.exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_names_is_in_the_makefile(document: Path) -> None:
    commands = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(COMMANDS.findall(document.read_text(encoding="utf-8"))) - commands == set()


def test_every_line_of_what_works_names_what_shows_it() -> None:
    lines = (ROOT / "docs/what-works.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("|") and not line.startswith(("| what", "|--"))]

    assert rows
    assert [row for row in rows if "`" not in row.rsplit("|", 2)[1]] == []
