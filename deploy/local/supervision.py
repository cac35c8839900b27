"""Runs our processes under `supervisor`: it restarts what dies, keeps a log a process and stops everything in order.

Each process sees only the variables of its own list. The control port is on loopback with a password of this machine
(TCP, as the path of a Unix socket may be too long).
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from supervisor.xmlrpc import Faults

from infra.servers.profile import Profile

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 40  # longer than gunicorn's graceful_timeout and the drain before it
STEADY_SECONDS = 10  # what dies sooner is started again after a pause that grows
CONTROL_USER = "runner"


class NotRunning(Exception):
    """The supervisor of this profile does not answer."""


@dataclass(frozen=True, slots=True)
class Program:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


def quoted(value: str) -> str:
    """A value as supervisor's configuration wants it; refuses what its parser would read as something else."""
    if any(character in value for character in '"\n\\'):
        raise ValueError("A setting may not hold quotes, backslashes or line ends.")
    return '"' + value.replace("%", "%%") + '"'


def program_section(program: Program, logs: Path) -> str:
    environment = ",".join(f"{name}={quoted(value)}" for name, value in sorted(program.environment.items()))
    return "\n".join(
        [
            f"[program:{program.name}]",
            f"command={shlex.join(program.command).replace('%', '%%')}",
            f"directory={ROOT}",
            f"environment={environment}",
            "autostart=false",
            "autorestart=true",
            f"startsecs={STEADY_SECONDS}",
            "startretries=30",
            "stopsignal=TERM",
            f"stopwaitsecs={STOP_SECONDS}",
            "killasgroup=true",
            "redirect_stderr=true",
            f"stdout_logfile={logs / program.name}.log",
            "stdout_logfile_maxbytes=20MB",
            "stdout_logfile_backups=2",
            "",
        ]
    )


def configuration(profile: Profile, port: int, programs: Sequence[Program]) -> str:
    head = [
        "[supervisord]",
        "nodaemon=true",
        f"logfile={profile.logs / 'supervisor.log'}",
        f"pidfile={profile.folder / 'supervisor.pid'}",
        f"childlogdir={profile.logs}",
        "loglevel=info",
        *(["user=root"] if os.geteuid() == 0 else []),
        "[inet_http_server]",
        f"port=127.0.0.1:{port}",
        f"username={CONTROL_USER}",
        f"password={profile.password('supervisor')}",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        "",
    ]
    return "\n".join(head) + "\n".join(program_section(program, profile.logs) for program in programs)


class Supervisor:
    """The supervisor of one profile: started by us, or found running."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._port = profile.port("supervisor")
        address = f"http://{CONTROL_USER}:{profile.password('supervisor')}@127.0.0.1:{self._port}/RPC2"
        self._rpc = cast(Any, xmlrpc.client.ServerProxy(address)).supervisor

    def is_running(self) -> bool:
        try:
            self._rpc.getState()
        except xmlrpc.client.Fault:
            return True  # it is ours and on its way out: it refuses to be asked then
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def launch(self, programs: Sequence[Program], within: float = 15) -> None:
        """Start the supervisor with nothing running yet; raises NotRunning when it does not come up."""
        path = self._profile.folder / "supervisor.conf"
        path.touch(mode=0o600)
        path.write_text(configuration(self._profile, self._port, programs))
        bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        with (self._profile.logs / "supervisor.out").open("w") as out:
            subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-c", str(path)],
                env=bare, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + within
        while not self.is_running():
            if time.monotonic() > until:
                raise NotRunning(f"The supervisor did not start; see {self._profile.logs / 'supervisor.out'}.")
            time.sleep(0.1)

    def start(self, names: Sequence[str]) -> None:
        """Start these together, without waiting for any."""
        for name in names:
            self._rpc.startProcess(name, False)

    def stop(self, name: str) -> None:
        """Stop one process and wait until it has gone; one that does not run is left as it is."""
        try:
            self._rpc.stopProcess(name, True)
        except xmlrpc.client.Fault as refusal:
            if refusal.faultCode != Faults.NOT_RUNNING:
                raise

    def processes(self) -> list[dict[str, Any]]:
        """Name, state in words, process id and seconds since start of each; raises NotRunning."""
        try:
            rows = self._rpc.getAllProcessInfo()
        except (OSError, xmlrpc.client.Error) as failure:
            raise NotRunning("The system is not running.") from failure
        return [
            {
                "name": row["name"],
                "state": str(row["statename"]).lower(),
                "pid": row["pid"],
                "seconds": row["now"] - row["start"] if row["pid"] else 0,
            }
            for row in rows
        ]

    def shut_down(self) -> None:
        """Stop every process and the supervisor itself; returns when it has gone."""
        if not self.is_running():
            return
        with suppress(xmlrpc.client.Fault):
            self._rpc.stopAllProcesses(True)  # all at once; a shutdown alone stops one after the other
        with suppress(xmlrpc.client.Fault):
            self._rpc.shutdown()
        until = time.monotonic() + STOP_SECONDS + 15
        while self.is_running() and time.monotonic() < until:
            time.sleep(0.2)
