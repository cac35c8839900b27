"""In containers as in a cluster: nothing to write, no right of root, and time to end what was begun."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.containers.compose import FILE
from deploy.containers.names import IMAGES

ROOT = Path(__file__).resolve().parents[2]
MORE_RIGHTS = {"certificates": {"CHOWN", "DAC_OVERRIDE"}}
"""Ours that keep a right of root: each server's key is handed to the user that the server runs as."""
AS_ROOT = {
    "certificates": "hands each server's key to the user that the server runs as",
    "realm": "writes the realm file, which holds secrets, for Keycloak alone, whose container reads it as root",
}
KEEP_DATA = {"postgres": 60, "kafka": 60}
"""Servers that need longer than the engine's 10 seconds to write down what they hold."""


@pytest.fixture(scope="module")
def containers() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text())["services"]
    return found


@pytest.fixture(scope="module")
def ours(containers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in containers.items() if one["image"] == IMAGES["ours"]}


def seconds(duration: str) -> int:
    found = re.fullmatch(r"(\d+)s", duration)
    assert found is not None, duration
    return int(found[1])


def graceful_seconds() -> int:
    """How long gunicorn lets requests end, once it was told to stop."""
    found = re.search(r"^graceful_timeout = (\d+)", (ROOT / "deploy" / "gunicorn.conf.py").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def test_every_container_of_ours_is_looked_at(ours: dict[str, Any], containers: dict[str, Any]) -> None:
    assert set(containers) - set(ours) == {"postgres", "kafka", "keycloak", "s3", "ses", "smtp"}


def test_a_container_of_ours_can_write_to_nothing_but_a_folder_in_memory_and_volumes(ours: dict[str, Any]) -> None:
    for name, one in ours.items():
        assert one["read_only"] is True, name
        assert one["tmpfs"] == ["/tmp"], name


def test_a_container_of_ours_has_no_right_of_root_and_gains_none(ours: dict[str, Any]) -> None:
    for name, one in ours.items():
        assert one["cap_drop"] == ["ALL"], name
        assert set(one.get("cap_add", [])) == MORE_RIGHTS.get(name, set()), name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one.get("privileged", False) is False, name


def test_only_those_that_must_run_as_root(ours: dict[str, Any]) -> None:
    assert {name for name, one in ours.items() if "user" in one} == set(AS_ROOT)


def test_a_process_that_is_told_to_stop_is_given_longer_than_it_takes(ours: dict[str, Any]) -> None:
    for name, one in ours.items():
        drain = int(one.get("environment", {}).get("DRAIN_SECONDS", 0))
        assert seconds(one["stop_grace_period"]) > drain + graceful_seconds(), name


@pytest.mark.parametrize("server", KEEP_DATA)
def test_a_server_with_data_is_given_time_to_write_it_down(containers: dict[str, Any], server: str) -> None:
    assert seconds(containers[server]["stop_grace_period"]) >= KEEP_DATA[server]


def test_no_container_takes_all_memory_that_there_is(ours: dict[str, Any]) -> None:
    assert {one["deploy"]["resources"]["limits"]["memory"] for one in ours.values()} == {"384M"}
