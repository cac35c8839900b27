"""`make lint`, `make test` and `make test-long`: every check there is, on real servers, with one plain last line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from deploy.local.doctor import CHROMIUM, HOW_TO_GET_CHROMIUM, find_browser
from deploy.local.steps import done, heading, say, step
from deploy.local.supervision import ROOT
from deploy.local.system import System

TEST_PROFILE = "test"
LONG_RESULT = ROOT / "docs" / "long-run.md"
ON_THEIR_OWN = ("tests/unit", "tests/contract")
"""Tests that need no server, so they run while the servers start."""
ON_THE_WHOLE = ("tests/system", "tests/browser")
"""Tests that need the services running; all others need the servers alone."""
OUR_CODE = ("services", "shared", "infra", "deploy")
FAULTS = "tests/faults"
SLOWEST = ("--durations=10", "--durations-min=5")
"""Each run names its slowest tests, so that nobody has to look for what grew."""
SAID_AGAIN = 10
"""Of each bad run, how many failures the end of everything says again: who reads a log's last page sees why."""
LINE = "200"
"""Characters of a failure's line: its reason as well, not its place alone."""
PYTHON = sys.executable
TOOLS = os.path.dirname(PYTHON)

STYLE_AND_WALLS: Sequence[tuple[str, Sequence[str]]] = (
    ("Style", (f"{TOOLS}/ruff", "check", ".")),
    ("Layout", (f"{TOOLS}/ruff", "format", "--check", ".")),
    ("Walls between parts", (f"{TOOLS}/lint-imports",)),
    ("Unsafe code", (PYTHON, "-m", "deploy.local.scans", "code")),
    ("Secrets", (PYTHON, "-m", "deploy.local.scans", "secrets")),
    ("Locked packages", (PYTHON, "-m", "deploy.local.scans", "packages")),
    ("Types", (PYTHON, "-m", "mypy", "--strict", *OUR_CODE)),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check's end; `count` is how many tests passed, where it ran tests, `bad` one line for each that did not."""

    name: str
    good: bool
    count: int = 0
    bad: list[str] = field(default_factory=list)


def lint() -> list[Outcome]:
    """Style, layout, walls, scans and types; the output of what fails is shown, of what passes not."""
    heading("Style, walls, scans and types")
    return [_quietly(name, command) for name, command in STYLE_AND_WALLS]


def _quietly(name: str, command: Sequence[str]) -> Outcome:
    started = time.monotonic()
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    done(f"{name}{'' if run.returncode == 0 else ': NOT GOOD'}", time.monotonic() - started)
    if run.returncode:
        say((run.stdout + run.stderr).rstrip())
    return Outcome(name, run.returncode == 0)


def browser_is_there() -> bool:
    """Find Chromium, or install it where this user may; nothing that needs it is ever skipped silently."""
    if find_browser():
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Chromium, for the page tests"):
            install = ["install", "-y", "-qq", "--no-install-recommends"]
            for arguments in (["update", "-qq"], *([*install, package] for package in CHROMIUM[:2])):
                if not find_browser():
                    subprocess.run(["apt-get", *arguments], capture_output=True, check=False)
    if find_browser():
        return True
    say(f"The page tests need Chromium, and it is not here. {HOW_TO_GET_CHROMIUM}")
    return False


def pytest(name: str, arguments: Sequence[str]) -> Outcome:
    """One run of the tests, shown as it goes. An empty selection is not a failure of the product."""
    heading(name)
    command = [PYTHON, "-m", "pytest", "-q", *SLOWEST, *arguments]
    summary, bad = "", []
    environment = {**os.environ, "IMPACT_TEST_PROFILE": TEST_PROFILE, "COLUMNS": LINE}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        for line in run.stdout or ():
            say(line.rstrip())
            if line.startswith(("FAILED ", "ERROR ")):
                bad.append(line.rstrip())
            summary = line if re.search(r"\d+ (passed|failed|error)", line) else summary
    passed = re.search(r"(\d+) passed", summary)
    return Outcome(name, run.returncode in (0, 5), int(passed.group(1)) if passed else 0, bad)


def all_tests(*, long: bool) -> list[Outcome]:
    """Run everything on servers with ports of their own, started once; stop them if they did not run before.

    The services run only while they are tested: even at rest they would take a sixth of two cores from the others. The
    faults come last, on servers of their own.
    """
    quick, serial = ("not faults", "faults and long") if long else ("not faults and not long", "faults and not long")
    two_at_once, one_at_a_time = ("-n", "2", "--dist", "loadscope", "-m", quick), ("-n", "0", "-m", serial)
    system = System(TEST_PROFILE)
    ours = not system.is_running()
    try:
        outcomes = _while_the_servers_start(system, two_at_once)
        apart = [f"--ignore={folder}" for folder in (*ON_THEIR_OWN, *ON_THE_WHOLE, FAULTS)]
        outcomes.append(pytest("Parts on their servers", [*two_at_once, *apart]))
        system.up()
        outcomes.append(pytest("The whole, in the browser too", [*two_at_once, *ON_THE_WHOLE]))
        outcomes.append(pytest("The whole while a part of it dies", [*one_at_a_time, *ON_THE_WHOLE]))
    finally:
        if ours:
            system.down()
    return [*outcomes, pytest("Faults, one at a time", [*one_at_a_time, FAULTS])]


def _while_the_servers_start(system: System, arguments: Sequence[str]) -> list[Outcome]:
    """Make the checks that need no server meanwhile: most of their start is Keycloak's, which uses one core."""
    with ThreadPoolExecutor(1) as beside:
        started = beside.submit(system.start_servers)
        outcomes = [*lint(), pytest("Parts by themselves", [*arguments, *ON_THEIR_OWN])]
        started.result()
    return outcomes


def run_everything(*, long: bool = False) -> int:
    """0 when every check is good; the last line printed says so in words."""
    started = time.monotonic()
    if not browser_is_there():
        say("\nNOT GOOD: Chromium is missing, so the page tests could not run.")
        return 1
    outcomes = all_tests(long=long)
    bad = [outcome.name for outcome in outcomes if not outcome.good]
    count = sum(outcome.count for outcome in outcomes)
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    verdict = f"NOT GOOD: {', '.join(bad)}" if bad else "ALL GOOD"
    line = f"{verdict}. {count} tests passed in {minutes} min {seconds} s."
    if long:
        _keep(line)
    for outcome in outcomes:
        _say_again(outcome)
    say(f"\n{line}")
    return 1 if bad else 0


def _say_again(outcome: Outcome) -> None:
    if outcome.bad:
        heading(f"Not good: {outcome.name}")
        for line in outcome.bad[:SAID_AGAIN]:
            say(line)
        if (more := len(outcome.bad) - SAID_AGAIN) > 0:
            say(f"... and {more} more")


def _keep(line: str) -> None:
    today = f"{datetime.now(UTC):%d %B %Y}".lstrip("0")
    LONG_RESULT.write_text(f"# The last run of `make test-long`\n\n{today}, {os.cpu_count()} cores: {line}\n")
