"""Makes the project's Python environment and fetches its packages: the first step on a fresh machine.

Needs nothing but Python 3.11 with venv, so this file imports the standard library alone. Packages are installed only
with the hashes written in the lock; a second run with the same lock does nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
VENV = LOCAL / "venv"
LOCK = ROOT / "deploy" / "requirements-local.lock"


class MissingPart(Exception):
    """Something this machine lacks; the message says what to do about it."""


def check_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what says so in plain words
        raise MissingPart(
            f"Python 3.11 or later is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.11"
        )
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise MissingPart("Python's venv is missing. On Debian or Ubuntu: sudo apt install python3-venv")


def fingerprint(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def report(text: str, started: float) -> None:
    print(f"  {text:<58} {time.monotonic() - started:6.1f} s", flush=True)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two `make` commands at once must not install into the same folder together."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "setup.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def packages_in(lock: Path) -> int:
    return sum(1 for line in lock.read_text().splitlines() if line[:1].isalnum())


def draw_progress(done: int, total: int) -> None:
    if sys.stdout.isatty():
        filled = 30 * done // max(total, 1)
        print(f"\r  [{'#' * filled}{'.' * (30 - filled)}] {done} of {total} packages", end="", flush=True)


def pip_install() -> None:
    """Installs what the lock names, and nothing that it does not name."""
    command = [
        str(VENV / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--no-input",
        "--disable-pip-version-check", "--progress-bar", "off", "-r", str(LOCK),
    ]  # fmt: skip
    total, done, tail = packages_in(LOCK), 0, list[str]()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            tail = [*tail[-15:], line.rstrip()]
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                done += 1
                draw_progress(min(done, total), total)
    if sys.stdout.isatty():
        print("\r" + " " * 60 + "\r", end="")
    if pip.returncode:
        raise MissingPart("The Python packages could not be installed. pip said:\n    " + "\n    ".join(tail))


def python_environment() -> None:
    mark, wanted = VENV / ".installed", fingerprint(LOCK.read_bytes(), sys.version.encode(), str(VENV).encode())
    if mark.exists() and mark.read_text() == wanted:
        return
    started = time.monotonic()
    print(f"  Fetching {packages_in(LOCK)} Python packages; the first time this takes a few minutes.", flush=True)
    if not (VENV / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    pip_install()
    mark.write_text(wanted)
    report(f"Python packages ({packages_in(LOCK)}, checked by hash)", started)


def page_packages() -> None:
    """The pages' style and the accessibility checker, by npm from a wheel: no Node on the machine is needed."""
    lock = ROOT / "package-lock.json"
    mark = LOCAL / "node_modules.installed"
    wanted = fingerprint(lock.read_bytes(), str(ROOT).encode())
    if mark.exists() and mark.read_text() == wanted and (ROOT / "node_modules").is_dir():
        return
    started = time.monotonic()
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    npm = [str(VENV / "bin" / "npm"), "ci", "--no-audit", "--no-fund"]
    run = subprocess.run(npm, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
    if run.returncode:
        raise MissingPart("The page packages could not be fetched. npm said:\n" + (run.stderr or run.stdout)[-1500:])
    mark.write_text(wanted)
    report(f"Page packages ({len(json.loads(lock.read_text())['packages']) - 1}, checked by hash)", started)


def page_styles() -> None:
    """Style sheets and scripts under names made from their content, built from the page packages and our own files."""
    portal = ROOT / "services" / "portal"
    sources = sorted([portal / "assets.py", *portal.glob("style/*"), *portal.glob("script/*")])
    mark = LOCAL / "page-styles.built"
    wanted = fingerprint((ROOT / "package-lock.json").read_bytes(), *(path.read_bytes() for path in sources))
    if mark.exists() and mark.read_text() == wanted and (portal / "static" / "manifest.json").exists():
        return
    command = [str(VENV / "bin" / "python"), "-m", "services.portal.assets"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        raise MissingPart("The pages' styles could not be built:\n" + run.stderr[-1500:])
    mark.write_text(wanted)


def main() -> int:
    try:
        check_python()
        with one_at_a_time():
            python_environment()
            page_packages()
            page_styles()
    except MissingPart as missing:
        print(f"\n{missing}", file=sys.stderr)
        return 1
    except PermissionError as denied:
        print(f"\nThis folder cannot be written by the present user: {denied.filename}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
