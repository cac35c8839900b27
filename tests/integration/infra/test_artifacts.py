"""What is fetched is what the lock names, or nothing."""

import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.servers.artifacts import (
    LOCK_FILE,
    Artifact,
    ArtifactStore,
    ArtifactUnavailable,
    CorruptArtifact,
    read_lock,
)

CONTENT = b"a jar, as its maker published it"


class Repository(ThreadingHTTPServer):
    """A Maven repository on loopback that serves `content` for every jar and counts who asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = CONTENT
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        found = self.path.endswith(".jar") and "absent" not in self.path
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(self.server.content) if found else 0))
        self.end_headers()
        if found:
            self.wfile.write(self.server.content)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def repository() -> Iterator[Repository]:
    server = Repository()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def an_artifact(name: str = "broker", content: bytes = CONTENT) -> Artifact:
    return Artifact("org.example", name, "1.0", "jar", hashlib.sha256(content).hexdigest())


def test_every_artifact_of_the_lock_has_a_sha256() -> None:
    artifacts = [artifact for group in read_lock().values() for artifact in group]

    assert set(read_lock()) == {"kafka", "s3", "keycloak"}
    assert len(read_lock()["kafka"]) == 92
    assert all(re.fullmatch(r"[0-9a-f]{64}", artifact.sha256) for artifact in artifacts)


def test_the_lock_names_no_server_to_fetch_from() -> None:
    assert "//" not in LOCK_FILE.read_text()


def test_a_download_that_matches_the_lock_is_provided(repository: Repository, tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path, repository=repository.address)

    (path,) = store.provide([an_artifact()])

    assert path.read_bytes() == CONTENT
    assert store.fetched == ["broker-1.0.jar"]


def test_a_corrupted_download_is_refused_and_leaves_nothing_behind(repository: Repository, tmp_path: Path) -> None:
    repository.content = CONTENT + b" and something that was added on the way"

    with pytest.raises(CorruptArtifact, match=r"broker:1\.0"):
        ArtifactStore(tmp_path, repository=repository.address).provide([an_artifact()])

    assert list(tmp_path.iterdir()) == []


def test_a_file_changed_after_it_was_fetched_is_fetched_again(repository: Repository, tmp_path: Path) -> None:
    ArtifactStore(tmp_path, repository=repository.address).provide([an_artifact()])
    (tmp_path / "broker-1.0.jar").write_bytes(b"something else")

    (path,) = ArtifactStore(tmp_path, repository=repository.address).provide([an_artifact()])

    assert path.read_bytes() == CONTENT


def test_what_is_there_already_is_not_asked_for_again(repository: Repository, tmp_path: Path) -> None:
    ArtifactStore(tmp_path, repository=repository.address).provide([an_artifact()])
    repository.asked.clear()

    second = ArtifactStore(tmp_path, repository=repository.address)
    second.provide([an_artifact()])

    assert repository.asked == []
    assert second.fetched == []


def test_good_files_stay_when_another_cannot_be_had(repository: Repository, tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path, repository=repository.address)

    with pytest.raises(ArtifactUnavailable, match="absent"):
        store.provide([an_artifact(), an_artifact("absent")])

    assert [path.name for path in tmp_path.iterdir()] == ["broker-1.0.jar"]
