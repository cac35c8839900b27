"""The list of everything in the image covers both locks, each package with its version."""

import json
import re

from deploy.sbom import LOCK, NPM_LOCK, document


def test_every_locked_package_is_in_the_list_and_nothing_else() -> None:
    locked = {
        (match["name"].lower().replace("_", "-"), match["version"])
        for line in LOCK.read_text().splitlines()
        if (match := re.match(r"(?P<name>[\w.-]+)==(?P<version>\S+)", line))
    }
    pages = {
        (path.rpartition("node_modules/")[2], package["version"])
        for path, package in json.loads(NPM_LOCK.read_text())["packages"].items()
        if path and not package.get("dev")
    }

    listed = {(one["name"].lower().replace("_", "-"), one["version"]) for one in document()["components"]}

    assert len(locked) > 30
    assert listed == locked | pages


def test_python_packages_carry_the_hashes_that_the_build_checks() -> None:
    python = [one for one in document()["components"] if one["purl"].startswith("pkg:pypi/")]

    without = [
        one["name"]
        for one in python
        if not any(reference.get("hashes") for reference in one.get("externalReferences", [])) and not one.get("hashes")
    ]
    assert python
    assert without == []
