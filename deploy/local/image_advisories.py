"""`python -m deploy.local.image_advisories IMAGE`: looks an image's Debian packages up in a public list of known holes.

A hole counts when Debian has published a fix (an advisory, `DSA-` or `DLA-`): building the image again on a newer base
mends it. Holes that Debian has not fixed are counted and said, since nobody who builds an image can do anything about
them. As with the locked packages (advisories.py), a list that cannot be asked, or that does not know of a hole known
for years, is a failure and not a clean result. The list is OSV's; its question is https://google.github.io/osv.dev/api/.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import Any

import requests

from deploy.local.steps import say

LIST = "https://api.osv.dev"
ENGINES = ("docker", "podman")
STATUS, RELEASE = "/var/lib/dpkg/status", "/etc/os-release"
AT_ONCE = 500
ANSWERS_WITHIN = 60
FIXED = ("DSA-", "DLA-")
SOURCE = re.compile(r"^(?P<name>\S+)(?: \((?P<version>\S+)\))?$")


class NotLookedUp(Exception):
    """The image's packages could not be read, or not all of them be asked for; the message says which."""


@dataclass(frozen=True, slots=True, order=True)
class SystemPackage:
    """A source package of Debian in the version that is installed: the list knows packages by their source."""

    name: str
    version: str


PLANTED = SystemPackage("openssl", "3.0.9-1")
"""A version of Debian 12 for which fixes were published in 2023; nothing of it is installed."""
PLANTED_RELEASE = "Debian:12"


def packages_in(status: str) -> list[SystemPackage]:
    """Return what dpkg's status file says is installed, each source once; raises NotLookedUp when that is nothing."""
    found = set()
    for paragraph in re.split(r"\n\s*\n", status.strip()):
        fields = HeaderParser().parsestr(paragraph)
        if "installed" not in str(fields["Status"]).split():
            continue
        version = str(fields["Version"])
        source = SOURCE.match(str(fields["Source"] or fields["Package"]))
        if source is None:
            raise NotLookedUp(f"a package says that its source is {fields['Source']!r}")
        found.add(SystemPackage(source["name"], source["version"] or version))
    if not found:
        raise NotLookedUp("no installed package was found in the image")
    return sorted(found)


def release_in(os_release: str) -> str:
    """Return the name that the list has for the image's release; raises NotLookedUp for anything but Debian."""
    said = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    if said.get("ID", "").strip('"') != "debian" or "VERSION_ID" not in said:
        raise NotLookedUp("the image is not made of Debian")
    return f"Debian:{said['VERSION_ID'].strip(chr(34))}"


def advisories_of(packages: Sequence[SystemPackage], release: str, address: str) -> dict[SystemPackage, list[str]]:
    """Return what the list knows of each package that has holes; raises NotLookedUp when it gives no whole answer."""
    known: dict[SystemPackage, list[str]] = {}
    for begin in range(0, len(packages), AT_ONCE):
        part = packages[begin : begin + AT_ONCE]
        for package, ids in zip(part, _asked(part, release, address), strict=True):
            if ids:
                known[package] = ids
    return known


def _asked(packages: Sequence[SystemPackage], release: str, address: str) -> Iterator[list[str]]:
    """Ask for some packages; a long answer comes in pages, and each page is asked for."""
    queries = [{"package": {"name": one.name, "ecosystem": release}, "version": one.version} for one in packages]
    for query, result in zip(queries, _results(queries, address), strict=True):
        ids = _ids_in(result)
        while token := result.get("next_page_token"):
            (result,) = _results([{**query, "page_token": token}], address)
            ids += _ids_in(result)
        yield ids


def _results(queries: Sequence[Mapping[str, Any]], address: str) -> list[dict[str, Any]]:
    try:
        answer = requests.post(f"{address}/v1/querybatch", json={"queries": queries}, timeout=ANSWERS_WITHIN)
        answer.raise_for_status()
        results: list[dict[str, Any]] = answer.json()["results"]
    except (requests.RequestException, KeyError, TypeError) as error:
        said = type(error).__name__
        raise NotLookedUp(f"the list of known holes gave no answer that can be read ({said})") from error
    if len(results) != len(queries):
        raise NotLookedUp("the list left out some of the packages")
    return results


def _ids_in(result: Mapping[str, Any]) -> list[str]:
    return [str(hole["id"]) for hole in result.get("vulns") or []]


def known_holes(status: str, os_release: str, address: str = LIST) -> tuple[list[str], int]:
    """Return a line for each package with holes that Debian has fixed, and how many others are known.

    Raises NotLookedUp unless every package was looked up in a list that knows of what was planted.
    """
    planted = advisories_of([PLANTED], PLANTED_RELEASE, address).get(PLANTED, [])
    if not _with_a_fix(planted):
        raise NotLookedUp("the list of known holes misses what was planted")
    known = advisories_of(packages_in(status), release_in(os_release), address)
    fixed = {package: _with_a_fix(ids) for package, ids in known.items()}
    lines = [f"{package.name} {package.version}: {', '.join(ids)}" for package, ids in sorted(fixed.items()) if ids]
    return lines, sum(len(ids) for ids in known.values()) - sum(len(ids) for ids in fixed.values())


def _with_a_fix(ids: Sequence[str]) -> list[str]:
    return sorted(one for one in ids if one.startswith(FIXED))


def read_from(image: str, path: str) -> str:
    """Return a file of an image, by whichever engine is here; raises NotLookedUp where there is neither."""
    engine = next((found for name in ENGINES if (found := shutil.which(name))), None)
    if engine is None:
        raise NotLookedUp("there is no container engine here (docker or podman)")
    command = [engine, "run", "--rm", "--network=none", "--entrypoint=cat", image, path]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    if run.returncode != 0:
        raise NotLookedUp(f"{path} could not be read in the image: {run.stderr.strip()[-300:]}")
    return run.stdout


def main(arguments: Sequence[str]) -> int:
    """Look an image's system packages up; 0 when every one was and none has a hole that Debian has fixed."""
    parser = argparse.ArgumentParser(description="Looks an image's Debian packages up in a list of known holes.")
    parser.add_argument("image")
    parser.add_argument("--list", default=LIST, help="where the list is asked")
    asked = parser.parse_args(arguments)
    try:
        status, release = read_from(asked.image, STATUS), read_from(asked.image, RELEASE)
        found, others = known_holes(status, release, asked.list)
    except NotLookedUp as failure:
        say(f"NOT GOOD: {failure}. Nothing is known about the image.")
        return 1
    for line in found:
        say(f"NOT GOOD: {line}")
    if found:
        say("Build the image again on the newest base, and look again.")
        return 1
    say(f"ALL GOOD: no system package has a hole that Debian has fixed; {others} are known that it has not.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
