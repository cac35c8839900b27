"""Fetch server software that is not on PyPI, exactly as artifacts.lock names it.

Each file is fetched by itself (no dependency is resolved here), checked against the SHA-256 of the
lock, and only then moved to where servers load it from: an interrupted or wrong download never
gets there. What lies there is checked again before each use.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import requests
from jgo.maven import MavenContext, PythonResolver

LOCK_FILE = Path(__file__).with_name("artifacts.lock")
PARALLEL_DOWNLOADS = 8
TIMEOUT_SECONDS = 60

DownloadProgress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Given a file name and its size in bytes: a context that takes the bytes of each piece."""


class CorruptArtifact(Exception):
    """A fetched file is not the one the lock names. It was thrown away."""


class ArtifactUnavailable(Exception):
    """A file could not be fetched: no network, or the repository does not have it."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a Maven repository: group, artifact, version, packaging, and its SHA-256."""

    group: str
    name: str
    version: str
    packaging: str
    sha256: str

    @property
    def filename(self) -> str:
        return f"{self.name}-{self.version}.{self.packaging}"

    def __str__(self) -> str:
        return f"{self.group}:{self.name}:{self.version}:{self.packaging}"


def parse_artifact(coordinate: str, sha256: str) -> Artifact:
    """Read `group:artifact:version:packaging`."""
    group, name, version, packaging = coordinate.split(":")
    return Artifact(group, name, version, packaging, sha256)


def read_lock(path: Path = LOCK_FILE) -> dict[str, list[Artifact]]:
    """The locked artifacts of each server, in class path order."""
    servers: dict[str, dict[str, str]] = json.loads(path.read_text())
    return {
        server: [parse_artifact(coordinate, digest) for coordinate, digest in files.items()]
        for server, files in servers.items()
    }


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class ArtifactStore:
    """The folder of verified files, and the way to fill it."""

    def __init__(
        self, folder: Path, *, repository: str | None = None, progress: DownloadProgress | None = None
    ) -> None:
        self._folder = folder
        self._repository = repository
        self._progress = progress
        self.fetched: list[str] = []
        """Names of the files that this store had to fetch."""

    def provide(self, artifacts: Sequence[Artifact]) -> list[Path]:
        """Return verified files in the given order, fetching in parallel those that are missing.

        Raises CorruptArtifact or ArtifactUnavailable; files that were good stay for the next try.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        missing = [a for a in artifacts if not self._is_verified(a)]
        if missing:
            with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
                list(pool.map(self._fetch, missing))
        return [self._folder / a.filename for a in artifacts]

    def fetch_unverified(self, artifacts: Sequence[Artifact]) -> list[str]:
        """Fetch files whose SHA-256 is not known yet and return it; for writing a new lock only."""
        self._folder.mkdir(parents=True, exist_ok=True)

        def digest(artifact: Artifact) -> str:
            with tempfile.TemporaryDirectory(dir=self._folder) as incoming:
                return sha256_of(self._download(artifact, Path(incoming)))

        with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
            return list(pool.map(digest, artifacts))

    def _is_verified(self, artifact: Artifact) -> bool:
        path = self._folder / artifact.filename
        return path.exists() and sha256_of(path) == artifact.sha256

    def _fetch(self, artifact: Artifact) -> None:
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="incoming-") as incoming:
            path = self._download(artifact, Path(incoming))
            found = sha256_of(path)
            if found != artifact.sha256:
                raise CorruptArtifact(f"{artifact}: SHA-256 is {found}, the lock says {artifact.sha256}")
            path.replace(self._folder / artifact.filename)
        self.fetched.append(artifact.filename)

    def _download(self, artifact: Artifact, folder: Path) -> Path:
        repositories = {"mirror": self._repository} if self._repository else None
        resolver = PythonResolver(progress_callback=self._progress or _no_progress)
        context = MavenContext(resolver=resolver, repo_cache=folder, remote_repos=repositories, timeout=TIMEOUT_SECONDS)
        component = context.project(artifact.group, artifact.name).at_version(artifact.version)
        try:
            path = component.artifact("", artifact.packaging).resolve()
        except (requests.RequestException, RuntimeError) as error:
            raise ArtifactUnavailable(f"{artifact} could not be fetched: {error}") from error
        return Path(path)


def _no_progress(filename: str, size: int) -> AbstractContextManager[Callable[[int], None]]:
    return nullcontext(lambda count: None)
