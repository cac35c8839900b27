"""The one entrypoint of every process: what it starts, and how a web process says goodbye."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENTRYPOINT = ROOT / "deploy" / "entrypoint.sh"

# Stands in for the interpreter: says how it was called, and as a web server runs until it is told to stop.
INTERPRETER = """#!/bin/sh
echo "called: $*"
case "$2" in gunicorn) ;; *) exit 7 ;; esac
echo "drain file: $DRAIN_FILE"
trap '[ -e "$DRAIN_FILE" ] && echo "stopped while draining"; exit 0' TERM
while :; do sleep 0.05; done
"""


@pytest.fixture
def interpreter(tmp_path: Path) -> Path:
    path = tmp_path / "python"
    path.write_text(INTERPRETER)
    path.chmod(0o755)
    return path


def environment(interpreter: Path, tmp_path: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHON": str(interpreter), "TMPDIR": str(tmp_path), **more}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("relay", "-m shared.worker assessment relay"),
        ("consumer", "-m shared.worker assessment consumer"),
        ("scheduler", "-m shared.worker assessment scheduler"),
        ("migrate", "-m shared.migrations assessment"),
        ("replay-dead-letters", "-m shared.upkeep assessment replay-dead-letters"),
        ("retry-due-work", "-m shared.upkeep assessment retry-due-work"),
        ("check-audit", "-m shared.upkeep assessment check-audit"),
    ],
)
def test_a_background_role_becomes_its_own_process(role: str, expected: str, interpreter: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [ENTRYPOINT, "assessment", role],
        env=environment(interpreter, tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert run.stdout.strip() == f"called: {expected}"
    assert run.returncode == 7


@pytest.mark.parametrize("arguments", [[], ["assessment"], ["assessment", "everything"]])
def test_anything_else_is_refused_with_the_usage(arguments: list[str], interpreter: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [ENTRYPOINT, *arguments], env=environment(interpreter, tmp_path), capture_output=True, text=True, check=False
    )

    assert run.returncode == 64
    assert "web|relay|consumer|scheduler|migrate" in run.stderr


def test_a_web_process_turns_unready_and_waits_before_it_stops(interpreter: Path, tmp_path: Path) -> None:
    web = subprocess.Popen(
        [ENTRYPOINT, "assessment", "web"],
        env=environment(interpreter, tmp_path, DRAIN_SECONDS="1"), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert web.stdout is not None
    called, drain_file = web.stdout.readline(), Path(web.stdout.readline().removeprefix("drain file: ").strip())

    started = time.monotonic()
    web.send_signal(signal.SIGTERM)
    time.sleep(0.4)
    draining = drain_file.exists() and web.poll() is None
    rest, _ = web.communicate(timeout=10)

    assert "services.assessment.app:create_app()" in called
    assert draining
    assert "stopped while draining" in rest
    assert time.monotonic() - started >= 1
    assert not drain_file.parent.exists()


def test_a_web_process_that_dies_passes_its_exit_code_on(tmp_path: Path) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text("#!/bin/sh\nexit 3\n")
    interpreter.chmod(0o755)

    run = subprocess.run([ENTRYPOINT, "assessment", "web"], env=environment(interpreter, tmp_path), check=False)

    assert run.returncode == 3
