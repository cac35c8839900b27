"""S3 on a folder (s3proxy): refuses expired and altered links as the real one does, and remembers."""

import os
import urllib.error
import urllib.request
from pathlib import Path

from infra.servers.artifacts import ArtifactStore, read_lock
from infra.servers.java import QUICK_COMPILER, SMALL_COLLECTOR, class_path, java
from infra.servers.processes import Command, ProcessTable
from infra.servers.profile import Profile
from infra.servers.settings import S3Settings

LOGGING = Path(__file__).with_name("s3-logback.xml")
JVM = (QUICK_COMPILER, SMALL_COLLECTOR, "-Xmx192m", f"-Dlogback.configurationFile={LOGGING}")


class S3Server:
    """The object store of a profile, with its bucket."""

    name = "s3"

    def __init__(self, profile: Profile, processes: ProcessTable, store: ArtifactStore, settings: S3Settings) -> None:
        self._profile = profile
        self._processes = processes
        self._store = store
        self._settings = settings
        self._folder = profile.subfolder("s3")

    def prepare(self) -> None:
        self._store.provide(read_lock()["s3"])
        bucket = self._profile.subfolder("s3", "buckets", self._settings.bucket)
        bucket.chmod(0o700)  # what others on the machine may read, it lets anybody list

    def start(self) -> None:
        configuration = self._write_configuration()
        jars = self._store.provide(read_lock()["s3"])
        arguments = [java(), *JVM, "-cp", class_path(jars), "org.gaul.s3proxy.Main"]
        self._processes.start(self.name, Command([*arguments, "--properties", str(configuration)]))
        self._processes.wait_until(self.name, self._answers, seconds=40)

    def stop(self) -> bool:
        return self._processes.stop(self.name)

    def is_running(self) -> bool:
        return self._processes.find(self.name) is not None

    def _answers(self) -> bool:
        return http_answers(self._settings.endpoint)

    def _write_configuration(self) -> Path:
        path = self._folder / "s3proxy.conf"
        lines = {
            "s3proxy.endpoint": self._settings.endpoint,
            "s3proxy.authorization": "aws-v2-or-v4",
            "s3proxy.identity": self._settings.access_key,
            "s3proxy.credential": self._settings.secret_key,
            "jclouds.provider": "filesystem-nio2",
            "jclouds.filesystem.basedir": str(self._folder / "buckets"),
        }
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.writelines(f"{key}={value}\n" for key, value in lines.items())
        return path


def http_answers(address: str) -> bool:
    """Whether a server answers HTTP there at all, be it with a refusal."""
    try:
        urllib.request.urlopen(address, timeout=2).close()  # noqa: S310 - our own loopback address
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
