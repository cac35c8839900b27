"""The look for known holes in the system packages of an image, and that what could not be asked is no clean result."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from deploy.local.image_advisories import (
    PLANTED,
    NotLookedUp,
    SystemPackage,
    known_holes,
    main,
    packages_in,
    release_in,
)

RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'
STATUS = """Package: libssl3
Status: install ok installed
Source: openssl
Version: 3.0.17-1~deb12u2
Description: a library
 with a second line

Package: libc-bin
Status: install ok installed
Source: glibc (2.36-9)
Version: 2.36-9+deb12u10

Package: libc6
Status: install ok installed
Source: glibc (2.36-9)
Version: 2.36-9+deb12u10

Package: bash
Status: install ok installed
Version: 5.2.15-2+b8

Package: perl
Status: deinstall ok config-files
Version: 5.36.0-7
"""
OLD = (PLANTED.name, PLANTED.version)


@contextmanager
def list_that_knows(known: dict[tuple[str, str], list[str]], *, leaves_out: int = 0) -> Iterator[str]:
    """Serve OSV's batch question and answer on loopback; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            results = [answer_to(query) for query in asked][: len(asked) - leaves_out or None]
            body = json.dumps({"results": results}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    def answer_to(query: dict[str, Any]) -> dict[str, Any]:
        assert query["package"]["ecosystem"] == "Debian:12"
        """Answer as the list does: nothing for a package without holes, one hole a page, and how to have the next."""
        ids = known.get((query["package"]["name"], query["version"]), [])
        page = int(query.get("page_token", "0"))
        more = {"next_page_token": str(page + 1)} if page + 1 < len(ids) else {}
        return {"vulns": [{"id": ids[page], "modified": "2024-01-01T00:00:00Z"}], **more} if ids else {}

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_what_is_installed_is_asked_for_by_its_source_once() -> None:
    assert packages_in(STATUS) == [
        SystemPackage("bash", "5.2.15-2+b8"),
        SystemPackage("glibc", "2.36-9"),
        SystemPackage("openssl", "3.0.17-1~deb12u2"),
    ]


def test_a_hole_that_debian_has_fixed_is_named_and_others_are_counted() -> None:
    known = {OLD: ["DSA-5417-1"], ("glibc", "2.36-9"): ["DEBIAN-CVE-2010-4756", "DSA-5514-1"]}
    with list_that_knows(known) as address:
        found = known_holes(STATUS, RELEASE, address)

    assert found == (["glibc 2.36-9: DSA-5514-1"], 1)


def test_an_image_without_such_holes_is_clean_once_the_list_has_shown_that_it_knows_some() -> None:
    with list_that_knows({OLD: ["DSA-5417-1"], ("bash", "5.2.15-2+b8"): ["DEBIAN-CVE-2022-1"]}) as address:
        assert known_holes(STATUS, RELEASE, address) == ([], 1)


def test_a_list_that_knows_of_nothing_is_no_clean_result() -> None:
    with list_that_knows({}) as address, pytest.raises(NotLookedUp, match="misses what was planted"):
        known_holes(STATUS, RELEASE, address)


def test_a_list_that_leaves_packages_out_is_no_clean_result() -> None:
    with list_that_knows({OLD: ["DSA-5417-1"]}, leaves_out=1) as address, pytest.raises(NotLookedUp, match="left out"):
        known_holes(STATUS, RELEASE, address)


def test_a_list_that_cannot_be_reached_is_no_clean_result() -> None:
    with list_that_knows({OLD: ["DSA-5417-1"]}) as address:
        pass

    with pytest.raises(NotLookedUp, match="gave no answer"):
        known_holes(STATUS, RELEASE, address)


@pytest.mark.parametrize("status", ["", "Package: perl\nStatus: deinstall ok config-files\nVersion: 5\n"])
def test_an_image_in_which_nothing_is_found_is_no_clean_result(status: str) -> None:
    with pytest.raises(NotLookedUp, match="no installed package"):
        packages_in(status)


def test_only_debian_is_looked_up() -> None:
    assert release_in(RELEASE) == "Debian:12"
    with pytest.raises(NotLookedUp, match="not made of Debian"):
        release_in('ID=alpine\nVERSION_ID="3.20"\n')


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an engine first that gives the two files of an image out, and nothing of another image."""
    for name, text in (("status", STATUS), ("os-release", RELEASE)):
        (tmp_path / name).write_text(text)
    program = tmp_path / "docker"
    program.write_text(f'#!/bin/sh\n[ "$5" = "ours:1" ] || exit 125\nexec cat "{tmp_path}/$(basename "$6")"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


@pytest.mark.usefixtures("engine")
def test_the_command_ends_well_only_when_everything_was_looked_up(capsys: pytest.CaptureFixture[str]) -> None:
    with list_that_knows({OLD: ["DSA-5417-1"]}) as clean:
        assert main(["ours:1", "--list", clean]) == 0
        assert main(["another:1", "--list", clean]) == 1
    with list_that_knows({OLD: ["DSA-5417-1"], ("bash", "5.2.15-2+b8"): ["DSA-1-1"]}) as knows:
        assert main(["ours:1", "--list", knows]) == 1

    said = capsys.readouterr().out
    assert "ALL GOOD" in said
    assert "could not be read in the image" in said
    assert "NOT GOOD: bash 5.2.15-2+b8: DSA-1-1" in said


def test_without_an_engine_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert main(["ours:1"]) == 1
    assert "no container engine" in capsys.readouterr().out
