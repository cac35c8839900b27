"""`python -m deploy.local.advisories`: looks the locked packages up in a public list of known holes.

Not part of `make test`, because a network that does not reach the list would make every change red. Run it before a
release and once a week. A list that cannot be asked, or that does not know of a hole known for years, is a failure and
not a clean result.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.scans import LOCKS
from deploy.local.steps import say
from deploy.local.supervision import ROOT

PLANTED = "jinja2==2.4.1 --hash=sha256:" + "0" * 64 + "\n"
"""A package with holes that every list has known for years; nothing of it is installed."""
HOLES = "known vulnerabilit"
"""What pip-audit says when it found some; on nothing else does it say so."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one list of packages: `holes` when some were found, `clean` when all were looked up without one."""

    holes: bool
    clean: bool
    words: str


def looked_up(list_of_packages: Path, source: Sequence[str]) -> Answer:
    """Ask for every package of a locked list; neither clean nor with holes when one could not be asked for."""
    run = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes", "--progress-spinner=off",
         *source, "-r", str(list_of_packages)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    words = f"{run.stdout}\n{run.stderr}".strip()
    return Answer(holes=run.returncode != 0 and HOLES in run.stderr, clean=run.returncode == 0, words=words)


def known_holes(lists: Sequence[Path], source: Sequence[str] = ()) -> list[str]:
    """Return what is wrong, in words; nothing when every package was looked up and none has a known hole."""
    with tempfile.TemporaryDirectory() as folder:
        planted = Path(folder) / "planted.lock"
        planted.write_text(PLANTED)
        probe = looked_up(planted, source)
    if not probe.holes:
        return [f"The list of known holes was not reached, or misses what was planted.\n{probe.words}"]
    answers = [(each.name, looked_up(each, source)) for each in lists]
    return [
        f"{name}: {'known holes' if answer.holes else 'not every package could be looked up'}\n{answer.words}"
        for name, answer in answers
        if not answer.clean
    ]


def main(source: Sequence[str]) -> int:
    """Look both locked lists up; `source` is passed on to pip-audit (`-s osv` asks OSV instead of PyPI)."""
    found = known_holes([ROOT / name for name in LOCKS], source)
    for each in found:
        say(f"NOT GOOD: {each}")
    if not found:
        say("ALL GOOD: every locked package was looked up, none has a known hole.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
