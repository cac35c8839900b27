"""Keycloak, unpacked and built once for all profiles, run optimised on the profile's PostgreSQL.

Each profile has a Keycloak folder of its own made of hard links into the built one: it costs no
space, and what differs (the realm to import, password lists, themes, data) lies in the profile.
"""

import hashlib
import os
import shutil
import subprocess
import tarfile
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from infra.servers.artifacts import Artifact, ArtifactStore, read_lock
from infra.servers.java import QUICK_COMPILER, java_home
from infra.servers.processes import Command, ProcessTable, ServerFailed
from infra.servers.profile import Profile, alone_in
from infra.servers.settings import HOST, KeycloakSettings

BUILD_OPTIONS = ("--db=postgres", "--health-enabled=true")
HEAP = "-Xms128m -Xmx512m"
FIRST_START_SECONDS = 600
"""About 20 s on a quiet machine of two cores; much more on a busy one."""


@dataclass(frozen=True, slots=True)
class RealmImport:
    """What Keycloak is given besides its database.

    realm_files: realm JSON, taken in at the first start only (a realm that exists is left alone).
    environment: values for placeholders in those files, if they have any.
    password_lists, themes: folders copied into Keycloak's own before each start.
    """

    realm_files: tuple[Path, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    password_lists: Path | None = None
    themes: Path | None = None


class KeycloakServer:
    """The identity provider of a profile."""

    name = "keycloak"

    def __init__(
        self,
        profile: Profile,
        processes: ProcessTable,
        store: ArtifactStore,
        settings: KeycloakSettings,
        realm: Callable[[], RealmImport],
    ) -> None:
        self._profile = profile
        self._processes = processes
        self._store = store
        self._settings = settings
        self._realm = realm
        self._home = profile.subfolder("keycloak") / "home"

    def prepare(self) -> None:
        built = self._built()
        origin = self._home.with_name("built-from")
        if self._home.exists() and origin.exists() and origin.read_text() == str(built):
            return
        shutil.rmtree(self._home, ignore_errors=True)
        shutil.copytree(built, self._home, copy_function=os.link, symlinks=True)
        origin.write_text(str(built))

    def start(self) -> None:
        realm = self._realm()
        self._place(realm)
        arguments = [str(self._home / "bin" / "kc.sh"), "start", "--optimized", *self._options()]
        if realm.realm_files:
            arguments.append("--import-realm")
        environment = {**_java_environment(), **self._secrets(), **dict(realm.environment)}
        self._processes.start(self.name, Command(arguments, environment))
        self._processes.wait_until(self.name, self._is_ready, seconds=FIRST_START_SECONDS, every=0.4)

    def stop(self) -> bool:
        # kc.sh runs Java as a child, so the whole group is told.
        return self._processes.stop(self.name, seconds=30)

    def is_running(self) -> bool:
        return self._processes.find(self.name) is not None

    def _built(self) -> Path:
        """The folder of the built Keycloak; made at the first start on a machine."""
        (archive,) = read_lock()["keycloak"]
        folder = self._profile.cache / f"keycloak-{_build_identity(archive)}"
        with alone_in(self._profile.cache):
            if not folder.exists():
                self._build_into(folder, archive)
        return folder

    def _build_into(self, folder: Path, archive: Artifact) -> None:
        draft = folder.with_name(folder.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        _unpack(self._store.provide([archive])[0], draft)
        _build(draft)
        draft.rename(folder)

    def _place(self, realm: RealmImport) -> None:
        imports = self._home / "data" / "import"
        shutil.rmtree(imports, ignore_errors=True)
        imports.mkdir(parents=True)
        for file in realm.realm_files:
            shutil.copy2(file, imports / file.name)
        if realm.password_lists:
            lists = self._home / "data" / "password-blacklists"
            shutil.copytree(realm.password_lists, lists, dirs_exist_ok=True)
        if realm.themes:
            shutil.copytree(realm.themes, self._home / "themes", dirs_exist_ok=True)

    def _options(self) -> list[str]:
        management = urlsplit(self._settings.management_url)
        return [
            "--http-enabled=true",
            f"--http-host={HOST}",
            f"--http-port={urlsplit(self._settings.base_url).port}",
            f"--http-management-port={management.port}",
            f"--hostname={self._settings.base_url}",
            f"--db-url=jdbc:postgresql://{HOST}:{self._profile.port('postgres')}/keycloak",
            "--db-username=keycloak",
            "--cache=local",
            # Each question "ready yet?" would otherwise be a line of the log.
            "--log-level=info,io.smallrye.health:error",
        ]

    def _secrets(self) -> dict[str, str]:
        return {
            "KC_BOOTSTRAP_ADMIN_USERNAME": self._settings.admin_username,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": self._settings.admin_password,
            "KC_DB_PASSWORD": self._profile.password("postgres:keycloak"),
        }

    def _is_ready(self) -> bool:
        try:
            address = f"{self._settings.management_url}/health/ready"
            with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - our own loopback address
                return bool(answer.status == 200)
        except (urllib.error.HTTPError, OSError):
            return False


def _java_environment() -> dict[str, str]:
    return {"JAVA_HOME": str(java_home()), "JAVA_OPTS_KC_HEAP": HEAP, "JAVA_OPTS_APPEND": QUICK_COMPILER}


def _build_identity(archive: Artifact) -> str:
    options = " ".join([archive.sha256, *BUILD_OPTIONS])
    return f"{archive.version}-{hashlib.sha256(options.encode()).hexdigest()[:8]}"


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack into `folder`, leaving out the archive's single top folder."""
    unpacked = folder.with_name(folder.name + ".tar")
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(unpacked, filter="data")
        else:
            # Python 3.11.3 and older, as in Debian 12, know no filter; the archive was held to its SHA-256 before.
            tar.extractall(unpacked)  # noqa: S202
    (top,) = unpacked.iterdir()
    top.rename(folder)
    unpacked.rmdir()


def _build(folder: Path) -> None:
    done = subprocess.run(
        [str(folder / "bin" / "kc.sh"), "build", *BUILD_OPTIONS],
        env={**os.environ, **_java_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ServerFailed(f"Keycloak could not be built:\n{done.stdout}{done.stderr}")
