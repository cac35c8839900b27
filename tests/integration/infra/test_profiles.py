"""A profile keeps its ports and passwords, and starts and stops what is its own."""

import json
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from botocore.config import Config

from infra.servers import ConnectionSettings, Profile, Servers
from infra.servers.processes import Command, ProcessTable, began_at
from infra.servers.profile import LOCAL_FOLDER, UnusableProfile


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder for profiles that shares what was fetched with the real one."""
    cache = LOCAL_FOLDER / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache").symlink_to(cache)
    return tmp_path


@pytest.fixture
def servers(root: Path) -> Iterator[Servers]:
    """Return a PostgreSQL, an object store and a mail sink of this test's own, not yet started."""
    ours = Servers(a_profile(root), only=["postgres", "s3", "smtp"], durable=False)
    yield ours
    ours.stop()


def a_profile(root: Path, name: str = "own") -> Profile:
    """Return a profile whose ports never meet those of the machine's real profiles, running or not."""
    return Profile(name, root=root, ports=range(29000, 32000))


def object_store(settings: ConnectionSettings) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=settings.s3.endpoint,
        region_name=settings.s3.region,
        aws_access_key_id=settings.s3.access_key,
        aws_secret_access_key=settings.s3.secret_key,
        config=Config(s3={"addressing_style": "path"}),
    )


def pids(servers: Servers) -> dict[str, int | None]:
    return {server.name: server.pid for server in servers.status()}


def test_ports_and_passwords_are_kept_and_only_their_owner_may_read_them(root: Path) -> None:
    first = a_profile(root)
    port, password = first.port("postgres"), first.password("postgres:app_insight")

    again = a_profile(root)

    assert (again.port("postgres"), again.password("postgres:app_insight")) == (port, password)
    assert stat.S_IMODE((first.folder / "state.json").stat().st_mode) == 0o600


def test_two_profiles_share_neither_ports_nor_passwords(root: Path) -> None:
    one, other = a_profile(root, "one"), a_profile(root, "other")

    for purpose in ("postgres", "kafka", "s3"):
        one.port(purpose)
        other.port(purpose)

    assert not set(one.known_ports().values()) & set(other.known_ports().values())
    assert one.password("s3") != other.password("s3")


@pytest.mark.parametrize("name", ["", "../elsewhere", "Demo", "a b"])
def test_a_profile_name_cannot_leave_its_folder(root: Path, name: str) -> None:
    with pytest.raises(UnusableProfile):
        a_profile(root, name)


def test_a_second_start_fetches_nothing_and_starts_nothing(servers: Servers) -> None:
    steps: list[str] = []
    servers.start(lambda step, seconds: steps.append(step))
    before = pids(servers)

    second = Servers(servers.profile, only=["postgres", "s3", "smtp"], durable=False)
    second.start()

    assert "postgres: started" in steps
    assert second.store.fetched == []
    assert second.started == []
    assert pids(second) == before


def test_data_and_files_are_there_after_a_stop_and_a_start(servers: Servers) -> None:
    settings = servers.start()
    with psycopg.connect(settings.postgres.superuser_dsn()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
    object_store(settings).put_object(Bucket=settings.s3.bucket, Key="XNV01/kept.txt", Body=b"kept")

    servers.stop()
    settings = servers.start()

    with psycopg.connect(settings.postgres.superuser_dsn()) as connection:
        assert connection.execute("SELECT id FROM kept").fetchall() == [(1,)]
    found = object_store(settings).get_object(Bucket=settings.s3.bucket, Key="XNV01/kept.txt")
    assert found["Body"].read() == b"kept"
    assert servers.store.fetched == []


def test_stopping_ends_every_process_of_the_profile(servers: Servers) -> None:
    servers.start()
    running = [pid for pid in pids(servers).values() if pid]

    servers.stop()

    assert len(running) == 3
    assert [began_at(pid) for pid in running] == [None, None, None]
    assert not servers.is_running()


def test_a_reset_forgets_the_data_and_keeps_ports_and_passwords(servers: Servers) -> None:
    settings = servers.start()
    with psycopg.connect(settings.postgres.superuser_dsn()) as connection:
        connection.execute("CREATE TABLE forgotten AS SELECT 1 AS id")
    object_store(settings).put_object(Bucket=settings.s3.bucket, Key="XNV01/forgotten.txt", Body=b"gone")

    servers.reset()

    assert servers.start() == settings
    with psycopg.connect(settings.postgres.superuser_dsn()) as connection:
        assert connection.execute("SELECT to_regclass('forgotten')").fetchone() == (None,)
    assert "Contents" not in object_store(settings).list_objects_v2(Bucket=settings.s3.bucket)


def test_stopping_leaves_alone_what_somebody_else_had_started(servers: Servers) -> None:
    servers.start()

    Servers(servers.profile, only=["postgres", "s3", "smtp"]).stop(only_started_here=True)

    assert servers.is_running()


def test_a_stale_record_never_stops_another_program(root: Path) -> None:
    profile = a_profile(root)
    table = ProcessTable(profile.subfolder("run"), profile.logs)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        record = profile.subfolder("run") / "smtp.json"
        record.write_text(json.dumps({"pid": stranger.pid, "began": 1}))

        stopped = table.stop("smtp")

        assert stopped is False
        assert stranger.poll() is None
        assert not record.exists()
        stranger.communicate(b"\n")


def test_a_server_that_ignores_the_request_to_stop_is_ended(root: Path) -> None:
    profile = a_profile(root)
    table = ProcessTable(profile.subfolder("run"), profile.logs)
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    process = table.start("smtp", Command([sys.executable, "-c", stubborn]))
    table.wait_until("smtp", lambda: "deaf" in table.tail("smtp"), seconds=10)

    stopped = table.stop("smtp", seconds=0.3)

    assert stopped is True
    assert began_at(process.pid) is None


def test_a_port_that_a_foreign_program_took_is_replaced_and_said(servers: Servers) -> None:
    taken = servers.profile.port("smtp")
    steps: list[str] = []
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", taken))
        stranger.listen()

        settings = Servers(servers.profile, only=["smtp"]).start(lambda step, seconds: steps.append(step))

    assert settings.smtp.port != taken
    assert f"smtp: port {taken} is used by another program, now {settings.smtp.port}" in steps


def test_a_killed_server_is_seen_as_gone_and_started_again_on_its_port(servers: Servers) -> None:
    settings = servers.start()
    os.killpg(servers.pid_of("postgres"), 9)
    deadline = time.monotonic() + 5
    while servers.is_running() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not servers.is_running()
    assert servers.start() == settings
    with psycopg.connect(settings.postgres.dsn("app_insight")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
