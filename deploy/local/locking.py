"""`make lock`: writes the two package lists afresh from pyproject.toml, each package with its hashes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from deploy.local.steps import say, step
from deploy.local.supervision import ROOT

LOCKS = {
    "requirements-local.lock": ["--extra", "local", "--extra", "dev"],
    "requirements.lock": ["--constraint", "deploy/requirements-local.lock"],
}
"""What production runs is what was tested: its list is the smaller one, at the same versions."""


def write_locks() -> int:
    """0 when both lists were written. The tool that writes them lives in a throw-away environment."""
    with tempfile.TemporaryDirectory() as folder:
        with step("The tool that resolves packages"):
            venv.create(folder, with_pip=True)
            tool = Path(folder, "bin", "python")
            subprocess.run([tool, "-m", "pip", "install", "-q", "pip-tools"], check=True)
        for name, extras in LOCKS.items():
            with step(f"deploy/{name}"):
                run = _compile(tool, name, extras)
            if run.returncode:
                say(run.stderr)
                return 1
    return 0


def _compile(tool: Path, name: str, extras: list[str]) -> subprocess.CompletedProcess[str]:
    command = [
        str(tool), "-m", "piptools", "compile", "-q", "--generate-hashes", "--strip-extras", "--no-header",
        "--no-annotate", "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links",
        "--allow-unsafe",
        *extras, "-o", f"deploy/{name}", "pyproject.toml",
    ]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(write_locks())
