"""Looks at this machine and says in plain words what would not work here, and what to do about it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from deploy.local.steps import say
from deploy.local.supervision import ROOT
from infra.servers.profile import Profile, port_is_free

GIGABYTE = 1024**3
MEMORY_NEEDED = 4.0
DISK_NEEDED = 3.0
SHARED_MEMORY_NEEDED = 0.06
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first of these that is there; the shell alone needs about half the processor time of the whole browser."""
HOW_TO_GET_CHROMIUM = "On Debian: sudo apt install chromium-headless-shell; elsewhere Chromium or Chrome will do."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `needed_for` is empty when nothing works without it."""

    good: bool
    text: str
    needed_for: str = ""


def memory() -> Finding:
    lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    free = int(lines["MemAvailable"].split()[0]) / 1024**2
    text = f"Memory: {free:.1f} GB free; the whole system takes about {MEMORY_NEEDED:.0f} GB"
    return Finding(free >= MEMORY_NEEDED, text if free >= MEMORY_NEEDED else f"{text}. Close other programs.")


def disk() -> Finding:
    free = shutil.disk_usage(ROOT).free / GIGABYTE
    return Finding(free >= DISK_NEEDED, f"Disk: {free:.1f} GB free in {ROOT}; about {DISK_NEEDED:.0f} GB are used")


def writable() -> Finding:
    good = os.access(ROOT, os.W_OK)
    return Finding(good, f"This folder {'can' if good else 'cannot'} be written: {ROOT}")


def python_venv() -> Finding:
    good = find_spec("ensurepip") is not None
    return Finding(
        good, "Python's venv is there" if good else "Python's venv is missing: sudo apt install python3-venv"
    )


def ordinary_user() -> Finding:
    """PostgreSQL refuses to run as root; as root we need a way to be somebody else."""
    if os.geteuid() != 0:
        return Finding(True, "You are an ordinary user, as PostgreSQL wants it")
    if shutil.which("unshare"):
        tried = subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return Finding(True, "User namespaces work, so PostgreSQL can run although you are root")
    names = {entry.pw_name for entry in pwd.getpwall()}
    if names & {"postgres", "nobody"}:
        return Finding(True, "PostgreSQL will run as another user, because you are root")
    return Finding(False, "You are root, user namespaces are off and there is no user `nobody`: be an ordinary user")


def shared_memory() -> Finding:
    folder = Path("/dev", "shm")
    if not folder.is_dir():
        return Finding(False, f"{folder} is missing: Chromium and PostgreSQL want it. In a container: --shm-size=1g")
    free = shutil.disk_usage(folder).free / GIGABYTE
    hint = "" if free >= SHARED_MEMORY_NEEDED else ". In a container: --shm-size=1g"
    return Finding(free >= SHARED_MEMORY_NEEDED, f"{folder}: {free:.2f} GB free{hint}")


def ports() -> Finding:
    """Kept ports that a foreign program has taken meanwhile; our own running servers are no trouble."""
    profile = Profile("demo")
    kept = profile.known_ports()
    taken = [f"{name} ({port})" for name, port in sorted(kept.items()) if not port_is_free(port)]
    if taken and (profile.folder / "supervisor.pid").exists():
        return Finding(True, "Ports: in use by the running system")
    text = f"Ports: in use by another program: {', '.join(taken)}; others will be taken" if taken else "Ports: free"
    return Finding(True, text)


def find_browser() -> str | None:
    """Return the path of the browser for the page tests; None when there is none."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def browser() -> Finding:
    found = find_browser()
    text = f"Browser for the page tests: {found}" if found else f"Chromium is missing. {HOW_TO_GET_CHROMIUM}"
    return Finding(found is not None, text, needed_for="make test")


CHECKS: Sequence[Callable[[], Finding]] = (
    memory, disk, writable, python_venv, ordinary_user, shared_memory, ports, browser,
)  # fmt: skip


def examine() -> int:
    """Print one line a finding; 1 when something would keep the system from running."""
    findings = [check() for check in CHECKS]
    for finding in findings:
        mark = "ok  " if finding.good else ("note" if finding.needed_for else "NO  ")
        say(f"  {mark}  {finding.text}{f' (needed for {finding.needed_for})' if finding.needed_for else ''}")
    bad = [finding for finding in findings if not finding.good and not finding.needed_for]
    say("\nThis machine can run everything." if not bad else "\nPut right what is marked NO, then try again.")
    return 1 if bad else 0
