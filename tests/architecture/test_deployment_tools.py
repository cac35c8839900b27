"""Image and compose file pass the tools that know them, and the tools still find what is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent
HADOLINT = [str(TOOLS / "hadolint"), "--failure-threshold", "info"]
COMPOSE = [str(TOOLS / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]


def run(command: list[str], file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command, str(file)], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("command", "file"), [(HADOLINT, "deploy/Dockerfile"), (COMPOSE, "docker-compose.yml")])
def test_the_tool_has_nothing_to_say(command: list[str], file: str) -> None:
    checked = run(command, ROOT / file)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        (HADOLINT, "FROM debian\nRUN cd /tmp && apt-get install curl\n"),
        (COMPOSE, "services:\n  web:\n    image: a\n    no_such_key: 1\n"),
    ],
)
def test_the_tool_finds_what_is_wrong(command: list[str], wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "file.yml"
    file.write_text(wrong)

    assert run(command, file).returncode == 1


def test_the_image_is_built_as_any_engine_can_and_runs_as_nobody() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text()

    assert not [word for word in ("# syntax=", "<<EOF", "--link", "--privileged") if word in text]
    assert "USER 10001:10001" in text
    assert 'CMD ["python", "-m", "deploy.healthcheck"]' in text
    assert "STOPSIGNAL SIGTERM" in text
    assert "--require-hashes" in text


def test_nothing_is_in_the_image_that_a_later_step_removed() -> None:
    *_, image = (ROOT / "deploy" / "Dockerfile").read_text().split("FROM ")

    assert "rm -rf" not in image
    assert "node_modules" not in image


def test_no_start_compiles_what_the_image_could_hold_compiled() -> None:
    """The base image comes without compiled standard library, and no container may write one."""
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    *_, image = text.split("FROM ")

    assert "compileall -q deploy infra shared services" in text
    assert "os.path.dirname(os.__file__)" in image
