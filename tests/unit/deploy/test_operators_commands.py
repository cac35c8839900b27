"""What an operator runs on one machine: a command with a process's settings, and a process started again by hand."""

import json
import sys
import time
from pathlib import Path

import pytest

from deploy.local.__main__ import arguments, tell
from deploy.local.supervision import Program, Supervisor
from deploy.local.system import StepFailedError, System
from deploy.processes import rebuild
from infra.servers.profile import Profile

SHOW = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w')); sys.exit(3)"


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(Profile("trial", root=tmp_path))


def settings_of_a_run(system: System, name: str, told: Path) -> dict[str, str]:
    code = system.run_as(name, ["python", "-c", SHOW, str(told)])

    assert code == 3, "the command's own exit code"
    found: dict[str, str] = json.loads(told.read_text())
    return found


def test_what_comes_after_the_dashes_is_the_command() -> None:
    given = arguments(["run", "insight-rebuild", "--", "python", "-m", "services.insight.rebuild", "--take-over"])

    assert given.process == "insight-rebuild"
    assert given.words == ["python", "-m", "services.insight.rebuild", "--take-over"]


def test_a_command_is_given_the_settings_of_its_process_and_no_others(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOMETHING_ELSE", "of the terminal")

    given = settings_of_a_run(system, "insight-rebuild", tmp_path / "told")

    assert "//app_insight:" in given["DATABASE_URL"]
    assert "//migrate_insight:" in given["MIGRATE_DATABASE_URL"]
    assert set(rebuild().settings) - set(given) == {"KAFKA_CA_FILE"}
    assert "SOMETHING_ELSE" not in given
    assert given["PATH"].startswith(str(Path(sys.executable).parent)), "`python` is ours"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bootstrap", {"KAFKA_BOOTSTRAP", "KAFKA_ADMIN_PASSWORD", "POSTGRES_ADDRESS", "POSTGRES_PASSWORD"}),
        ("realm", {"PORTAL_CLIENT_SECRET", "KEYCLOAK_ADMIN_USERNAME", "KEYCLOAK_ADMIN_PASSWORD"}),
        ("assessment-scheduler", {"DATABASE_URL", "HEARTBEAT_FILE"}),
    ],
)
def test_what_looks_after_servers_can_be_run_too(system: System, name: str, expected: set[str], tmp_path: Path) -> None:
    assert expected <= set(settings_of_a_run(system, name, tmp_path / "told"))


def test_a_process_that_does_not_exist_is_refused_with_those_that_do(system: System) -> None:
    with pytest.raises(StepFailedError, match="insight-rebuild"):
        system.run_as("insight-cook", ["true"])


def test_a_process_is_stopped_and_started_by_hand(system: System) -> None:
    """The supervisor restarts what ends; of one that stands still it knows nothing, and a rebuild needs one stopped."""
    system.supervisor.launch([Program("assessment-relay", ["/bin/sleep", "600"], {})])
    try:
        tell(system, "start", "assessment-relay")
        first = pid_when_it_runs(system.supervisor)
        tell(system, "restart", "assessment-relay")
        second = pid_when_it_runs(system.supervisor)
        tell(system, "stop", "assessment-relay")
        tell(system, "stop", "assessment-relay")
        stopped = system.supervisor.processes()[0]["state"]
        with pytest.raises(StepFailedError, match="assessment-relay"):
            tell(system, "restart", "assessment-cook")
    finally:
        system.supervisor.shut_down()

    assert first != second
    assert stopped == "stopped"


def pid_when_it_runs(supervisor: Supervisor) -> int:
    until = time.monotonic() + 20
    while not (pid := int(supervisor.processes()[0]["pid"])):
        assert time.monotonic() < until
        time.sleep(0.1)
    return pid
