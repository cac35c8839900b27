"""What the Makefile calls: `python -m deploy.local <command>`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from deploy.local import backups, checks, doctor, locking
from deploy.local.demo import people, play
from deploy.local.readiness import NotReadyError
from deploy.local.steps import heading, say
from deploy.local.supervision import NotRunning
from deploy.local.system import StepFailedError, System
from deploy.processes import services
from infra.postgres.backup import NotEmpty, NotTheSame
from infra.servers.artifacts import ArtifactUnavailable, CorruptArtifact
from infra.servers.processes import ServerFailed

EXPECTED = (
    StepFailedError,
    NotReadyError,
    NotRunning,
    ServerFailed,
    ArtifactUnavailable,
    CorruptArtifact,
    NotEmpty,
    NotTheSame,
)
"""What is said to the person at the keyboard in a sentence, without a trace."""


def demo(system: System) -> int:
    """Everything in the foreground. Stops on Ctrl-C what it started, and nothing that ran before."""
    started = system.up()
    code = play.play(system)
    people.say_farewell(system)
    if not started:
        say("The system was running before and keeps running. Stop it with: make down")
        return code
    say("Ctrl-C stops everything that this command started.")
    while True:
        time.sleep(3600)


def up(system: System) -> int:
    """Everything in the background."""
    if not system.up():
        say("It is running already.")
    people.say_farewell(system)
    say("Stop it with: make down")
    return 0


def down(system: System) -> int:
    system.down()
    return 0


def reset(system: System) -> int:
    system.reset()
    return 0


def story(system: System) -> int:
    return play.play(system)


def status(system: System) -> int:
    return system.status()


def logs(system: System, service: str) -> int:
    """Follow the logs of one service's processes."""
    files = sorted(system.profile.logs.glob(f"{service}-*.log")) if service in services() else []
    if not files:
        say(f"Say which service: make logs SERVICE=… with one of {', '.join(services())}")
        return 1
    return subprocess.run(["tail", "-n", "20", "-F", *map(str, files)], check=False).returncode


def code(system: System, username: str) -> int:
    return people.say_code(system, username)


def tell(system: System, command: str, process: str) -> int:
    """`stop`, `start` or `restart` one process; a process that ends by itself is started again without this."""
    system.tell(process, stop=command != "start", start=command != "stop")
    return 0


def arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local")
    parser.add_argument("--profile", default="demo", help="which installation: demo (default) or another name")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("demo", "up", "story", "down", "reset", "status", "doctor", "lint", "lock"):
        commands.add_parser(name)
    commands.add_parser("logs").add_argument("service")
    commands.add_parser("code").add_argument("username")
    commands.add_parser("backup").add_argument("folder", type=Path)
    commands.add_parser("restore").add_argument("folder", type=Path)
    for name in ("stop", "start", "restart"):
        commands.add_parser(name).add_argument("process")
    running = commands.add_parser("run", help="run <process> -- <command …>, with that process's settings")
    running.add_argument("process")
    running.add_argument("words", nargs="+")
    commands.add_parser("test").add_argument("--long", action="store_true")
    return parser.parse_args(given)


def run(given: argparse.Namespace) -> int:
    """Carry out one command; returns its exit code."""
    match given.command:
        case "doctor":
            return doctor.examine()
        case "lint":
            return 0 if all(outcome.good for outcome in checks.lint()) else 1
        case "lock":
            return locking.write_locks()
        case "test":
            return checks.run_everything(long=given.long)
    system = System(given.profile)
    if given.command == "logs":
        return logs(system, given.service)
    if given.command == "code":
        return code(system, given.username)
    if given.command == "run":
        return system.run_as(given.process, given.words)
    if given.command in ("stop", "start", "restart"):
        return tell(system, given.command, given.process)
    if given.command in ("backup", "restore"):
        work = backups.write_backup if given.command == "backup" else backups.restore_backup
        return work(system, given.folder)
    plain = {"up": up, "down": down, "reset": reset, "story": story, "status": status}
    return foreground(system) if given.command == "demo" else plain[given.command](system)


def foreground(system: System) -> int:
    """`demo`, with everything stopped again when it ends for whatever reason."""
    was_running = system.supervisor.is_running() or system.servers.is_running()
    try:
        return demo(system)
    except KeyboardInterrupt:
        heading("Stopping")
        return 0
    finally:
        if not was_running:
            # A second Ctrl-C must not leave half of it running.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            system.down()


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run(arguments(None))
    except KeyboardInterrupt:
        return 130
    except EXPECTED as failure:
        say(f"\n{failure}")
        return 1
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
