"""A profile: one folder holding one set of local servers, their ports and their passwords.

Two profiles (say `demo` and `test`) run side by side and know nothing of each other. Ports and
passwords are made at the first use, kept in a file only its owner may read, and used again.
"""

import fcntl
import json
import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LOCAL_FOLDER = Path(__file__).resolve().parents[2] / ".local"
PORTS = range(21000, 29000)
"""Below the range from which Linux hands out ports by itself, so that no client takes a kept one."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


class UnusableProfile(Exception):
    """The profile's name or its state file cannot be used."""


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process works in this folder, and keep others out meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Profile:
    """Folder, ports and passwords under one name."""

    def __init__(self, name: str, *, root: Path = LOCAL_FOLDER, ports: range = PORTS) -> None:
        """Profiles under one root never share ports; another root needs `ports` of its own."""
        if not _NAME.fullmatch(name):
            raise UnusableProfile(f"{name!r}: a profile is named in lower case letters, digits, hyphens")
        self.name = name
        self.root = root
        self._choice_of_ports = ports
        self.folder = root / name
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def cache(self) -> Path:
        """Where fetched and built server software lies, shared by all profiles."""
        return self.root / "cache"

    @property
    def logs(self) -> Path:
        """One log file a server."""
        return self.subfolder("log")

    def subfolder(self, *parts: str) -> Path:
        """A folder of this profile, made when missing."""
        folder = self.folder.joinpath(*parts)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def port(self, purpose: str) -> int:
        """The port kept for this purpose; chosen among the free ones the first time."""
        with self._state() as state:
            ports = state.setdefault("ports", {})
            if purpose not in ports:
                ports[purpose] = self._unused_port(set(ports.values()))
            return int(ports[purpose])

    def another_port(self, purpose: str) -> int:
        """A new port for a purpose whose kept port a foreign program has taken."""
        with self._state() as state:
            ports = state.setdefault("ports", {})
            ports[purpose] = self._unused_port(set(ports.values()))
            return int(ports[purpose])

    def password(self, owner: str) -> str:
        """The password kept for this owner (a role, a user, a client); made the first time."""
        with self._state() as state:
            passwords = state.setdefault("passwords", {})
            if owner not in passwords:
                passwords[owner] = secrets.token_urlsafe(24)
            return str(passwords[owner])

    def known_ports(self) -> dict[str, int]:
        """Every port chosen so far, by purpose."""
        return {str(k): int(v) for k, v in self._read().get("ports", {}).items()}

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Hold the profile alone, so that two commands cannot start the same server twice."""
        with alone_in(self.folder):
            yield

    def _unused_port(self, own: set[int]) -> int:
        taken = own | self._ports_of_other_profiles()
        for port in self._choice_of_ports:
            if port not in taken and port_is_free(port):
                return port
        raise UnusableProfile(f"no free port in {self._choice_of_ports}")

    def _ports_of_other_profiles(self) -> set[int]:
        others = (f for f in self.root.glob("*/state.json") if f.parent != self.folder)
        return {int(p) for f in others for p in json.loads(f.read_text()).get("ports", {}).values()}

    @property
    def _state_file(self) -> Path:
        return self.folder / "state.json"

    def _read(self) -> dict[str, Any]:
        try:
            state = json.loads(self._state_file.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise UnusableProfile(f"{self._state_file} cannot be read: {error}") from error
        return dict(state)

    @contextmanager
    def _state(self) -> Iterator[dict[str, Any]]:
        # One lock for all profiles: two of them choosing ports at once must not choose the same.
        with alone_in(self.root):
            state = self._read()
            before = json.dumps(state, sort_keys=True)
            yield state
            if json.dumps(state, sort_keys=True) != before:
                self._write(state)

    def _write(self, state: dict[str, Any]) -> None:
        draft = self._state_file.with_suffix(".new")
        with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            json.dump(state, file, indent=1, sort_keys=True)
        draft.replace(self._state_file)
