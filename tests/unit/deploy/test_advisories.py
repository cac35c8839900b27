"""The look for known holes in packages: what it finds, and that a list that cannot be asked is no clean result."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from deploy.local.advisories import known_holes, looked_up


@contextmanager
def list_that_knows(*with_holes: str) -> Iterator[list[str]]:
    """Serve OSV's question and answer on loopback; yields the options that send pip-audit there."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
            body = json.dumps({"vulns": [hole_in(asked)]} if asked in with_holes else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield ["-s", "osv", "--osv-url", f"http://127.0.0.1:{server.server_port}/v1/query"]
    finally:
        server.shutdown()
        server.server_close()


def hole_in(package: str) -> dict[str, object]:
    """Return a hole that every version of a package has, as OSV tells of one."""
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
    affected = [{"package": {"ecosystem": "PyPI", "name": package}, "ranges": ranges}]
    return {"id": "PYSEC-2016-1", "modified": "2020-01-01T00:00:00Z", "summary": "A hole.", "affected": affected}


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    file = tmp_path / "some.lock"
    file.write_text(f"flask==3.0.0 \\\n    --hash=sha256:{'1' * 64}\nclick==8.1.0 \\\n    --hash=sha256:{'2' * 64}\n")
    return file


def test_packages_without_a_known_hole_are_clean_once_the_list_has_shown_that_it_knows_some(locked: Path) -> None:
    with list_that_knows("jinja2") as source:
        assert known_holes([locked], source) == []


def test_a_package_with_a_known_hole_is_named(locked: Path) -> None:
    with list_that_knows("click") as source:
        answer = looked_up(locked, source)

    assert (answer.holes, answer.clean) == (True, False)
    assert "click" in answer.words
    assert "flask" not in answer.words


def test_a_list_that_knows_of_nothing_is_no_clean_result(locked: Path) -> None:
    with list_that_knows() as source:
        (found,) = known_holes([locked], source)

    assert "misses what was planted" in found


def test_a_list_that_cannot_be_reached_is_no_clean_result(locked: Path) -> None:
    with list_that_knows("jinja2") as source:
        pass

    (found,) = known_holes([locked], source)

    assert "was not reached" in found


def test_a_list_of_packages_that_cannot_be_read_is_no_clean_result(tmp_path: Path) -> None:
    loose = tmp_path / "loose.lock"
    loose.write_text("flask\n")

    answer = looked_up(loose, ())

    assert (answer.holes, answer.clean) == (False, False)
