"""`python -m deploy.local.scans`: looks for unsafe code, for secrets, and at the locked list of packages.

A scan that could not look is not a scan that found nothing: each one counts what it read or shows first that it finds
what was planted. Known holes in packages are looked up by `make advisories`, which needs the internet.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata
from pathlib import Path

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.base import BasePlugin
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector

from deploy.local.supervision import ROOT

SHIPPED = ("services", "shared", "infra", "deploy")
LEAST_LINES = 5_000
UNREADABLE = {".lock", ".csv", ".svg", ".png", ".ico", ".woff", ".woff2", ".sha256", ".zip"}
KINDS_OF_SECRET: tuple[type[BasePlugin], ...] = (
    AWSKeyDetector,
    BasicAuthDetector,
    GitHubTokenDetector,
    JwtTokenDetector,
    PrivateKeyDetector,
)
PLANTED = (
    "aws = " + "AKIA" + "Q3EGRIJDUV6HXWZ5",
    "url = https://somebody:" + "hunter2hunter2" + "@example.org",
    "token = " + "ghp_" + "a1B2" * 9,
    "-----BEGIN " + "RSA PRIVATE KEY-----",
)
"""One secret of each kind that has a fixed shape, put together here so that no file holds one."""
MAY_HOLD = {
    "tests/architecture/test_deployment_processes.py": "an address with a made-up password, to see that it is hidden",
    "infra/keycloak/impact-realm.json": "the key of the demonstration's realm, which signs nothing else",
}
REVIEWED = {
    ("deploy/containers/compose.py", "B104"): "inside a container, whose ports are published one by one",
    ("deploy/containers/compose.py", "B108"): "a container's own /tmp, in memory",
    ("deploy/containers/pods.py", "B104"): "inside a container, whose ports a service opens one by one",
    ("deploy/containers/pods.py", "B108"): "a container's own /tmp, in memory",
    ("deploy/gunicorn.conf.py", "B108"): "a process's own folder of counters, or a file in memory",
    ("deploy/containers/servers.py", "B104"): "inside a container, whose network is internal",
    ("deploy/local/readiness.py", "B310"): "addresses of this machine, from our own settings",
    ("deploy/local/supervision.py", "B411"): "the supervisor's own socket on this machine",
    ("infra/servers/keycloak_server.py", "B310"): "the server just started on this machine",
    ("infra/servers/keycloak_server.py", "B202"): "an archive whose hash was checked, unpacked with the data filter",
    ("infra/servers/s3_server.py", "B310"): "the server just started on this machine",
}
"""What bandit points at and somebody looked at; an entry that is no longer needed is reported."""
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)==(?P<version>[^ ;\\]+)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
NAME = re.compile(r"^[A-Za-z0-9_.-]+")
LOCKS = {"deploy/requirements.lock": (), "deploy/requirements-local.lock": ("local", "dev")}


def unsafe_code() -> list[str]:
    """Return what bandit finds of medium severity and above in what we ship."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [
            sys.executable, "-m", "bandit", "-q", "-r", *SHIPPED, "-f", "json", "-o", report.name,
            "--severity-level", "medium", "--confidence-level", "medium",
        ]  # fmt: skip
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if run.returncode not in (0, 1):
            return [f"bandit could not run: {run.stderr.strip()[-500:]}"]
        return read_bandit(json.loads(Path(report.name).read_text()))


def read_bandit(report: Mapping[str, object]) -> list[str]:
    """Return what a report says is wrong; a report about hardly anything is wrong too."""
    lines = report["metrics"]["_totals"]["loc"]  # type: ignore[index]
    found = [f"{each['filename']}: not read: {each['reason']}" for each in report["errors"]]  # type: ignore[attr-defined]
    if lines < LEAST_LINES:
        found.append(f"bandit read {lines} lines, which cannot be all there are")
    pointed_at = {(each["filename"], each["test_id"]) for each in report["results"]}  # type: ignore[attr-defined]
    found += [f"{name}: {rule} is reviewed but no longer found" for name, rule in REVIEWED.keys() - pointed_at]
    return found + [
        f"{each['filename']}:{each['line_number']} {each['test_id']} {each['issue_text']}"
        for each in report["results"]  # type: ignore[attr-defined]
        if (each["filename"], each["test_id"]) not in REVIEWED
    ]


def secrets() -> list[str]:
    """Return where a file under version control seems to hold a secret."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name and Path(name).suffix not in UNREADABLE]
    blind = [line.split(" = ")[0] for line in PLANTED if not secrets_in([line])]
    if blind:
        return [f"The scan for secrets is blind: it misses what was planted ({', '.join(blind)})"]
    if not names:
        return ["No file was looked at for secrets: this is not a checkout"]
    found = []
    for name in names:
        if name not in MAY_HOLD and (ROOT / name).is_file():
            lines = (ROOT / name).read_text(errors="replace").splitlines()
            found += [f"{name}:{number} {kind}" for number, kind in secrets_in(lines)]
    return found


def secrets_in(lines: Iterable[str]) -> list[tuple[int, str]]:
    """Return (line, kind) of what looks like a secret; a place that a template fills is none."""
    kinds = [kind() for kind in KINDS_OF_SECRET]
    return [
        (number, kind.secret_type)
        for number, line in enumerate(lines, start=1)
        for kind in kinds
        if any("{" not in value for value in kind.analyze_string(line))
    ]


def packages() -> list[str]:
    """Return where the locked lists, pyproject.toml and this environment do not agree."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found: list[str] = []
    locks = {name: (ROOT / name).read_text() for name in LOCKS}
    for name, extras in LOCKS.items():
        needed = [*wanted["dependencies"]]
        for extra in extras:
            needed += wanted["optional-dependencies"][extra]
        found += [f"{name}: {problem}" for problem in lock_problems(locks[name], needed)]
    first, second = (pinned(text) for text in locks.values())
    found += [f"{name} differs between the lists" for name in first if second.get(name) != first[name]]
    return found + [
        f"{name} {version} is locked, {has} is installed"
        for name, version in second.items()
        if (has := _installed(name)) not in (None, version)
    ]


def pinned(text: str) -> dict[str, str]:
    """Return the packages of a list with their versions."""
    matches = (PINNED.match(line) for line in text.splitlines())
    return {_plain(match["name"]): match["version"] for match in matches if match}


def lock_problems(text: str, needed: Iterable[str]) -> list[str]:
    """Return what is wrong with one locked list: a line without version or hash, or a package that is missing."""
    entries = [entry.strip() for entry in text.replace("\\\n", " ").splitlines() if entry.strip()]
    loose = [entry[:60] for entry in entries if not PINNED.match(entry) or not HASH.search(entry)]
    have = pinned(text)
    names = [_plain(match[0]) for match in map(NAME.match, needed) if match]
    return [f"not pinned with a hash: {entry}" for entry in loose] + [
        f"{name} is missing" for name in names if name not in have
    ]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


SCANS: Mapping[str, Callable[[], list[str]]] = {"code": unsafe_code, "secrets": secrets, "packages": packages}


def main(names: Iterable[str]) -> int:
    """Run the named scans (all, when none is named); 0 when none found anything."""
    found = [line for name in names or SCANS for line in SCANS[name]()]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
