"""The list of processes, the Makefile and the supervisor's configuration agree with one another and with the tree."""

import re
from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from deploy.local.supervision import Program, configuration, quoted
from deploy.processes import migrations, processes, services, settings_of
from infra.postgres.roles import SERVICES
from infra.servers.profile import Profile

ROOT = Path(__file__).resolve().parents[2]


def test_every_service_of_the_tree_is_in_the_list() -> None:
    folders = {path.parent.name for path in (ROOT / "services").glob("*/app.py")}

    assert folders == set(services()) == set(SERVICES)


def test_only_a_relay_and_a_consumer_know_the_broker() -> None:
    with_broker = {process.role for process in processes() if "KAFKA_PASSWORD" in process.settings}

    assert with_broker == {"relay", "consumer"}


def test_only_a_migration_knows_the_owner_of_the_tables() -> None:
    knowing = {process.name for process in processes() if "MIGRATE_DATABASE_URL" in process.settings}

    assert knowing == set()
    assert all("MIGRATE_DATABASE_URL" in process.settings for process in migrations())


def test_secrets_of_the_sign_in_are_the_portals_alone() -> None:
    knowing = {process.service for process in processes() if "PORTAL_CLIENT_SECRET" in process.settings}

    assert knowing == {"portal"}


READ = re.compile(r"""(?:text|optional|integer)\(\s*"([A-Z][A-Z0-9_]+)\"""")
"""A variable that a file of settings asks for by its name."""
NOT_SET_FROM_OUTSIDE = {
    "CRASHPOINT": "of fault tests alone",
    "DRAIN_FILE": "deploy/entrypoint.sh makes it",
    "KAFKA_GROUP_INSTANCE_ID": "our deployments name no pod in a way that survives a restart",
    "KAFKA_GROUP_PREFIX": "of tests that share a broker",
    "KAFKA_SESSION_TIMEOUT_MS": "of fault tests alone",
    "KAFKA_TOPIC_PREFIX": "of tests that share a broker",
    "POOL_SIZE": "as many as threads",
    "PORTAL_CLIENT_ID": "the realm names it",
}


def test_every_setting_that_is_read_can_be_given() -> None:
    files = [ROOT / "shared" / "config.py", *(ROOT / "services").glob("*/config.py")]
    read = {name for file in files for name in READ.findall(file.read_text())}
    given = {name for process in (*processes(), *migrations()) for name in process.settings}

    assert {"MODE", "BOUNCE_QUEUE_URL", "HELP_CONTACT"} <= read
    assert read - given == set(NOT_SET_FROM_OUTSIDE)


def test_a_setting_is_given_once() -> None:
    assert len(settings_of("directory", "scheduler")) == len(set(settings_of("directory", "scheduler")))


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    targets = [line for line in lines if re.match(r"^[a-z][a-z-]*:", line)]

    silent = [line for line in targets if not re.search(r"## [A-Z].*\.$", line)]

    assert targets
    assert silent == []


def test_the_supervisor_reads_back_what_was_configured(tmp_path: Path) -> None:
    profile = Profile("trial", root=tmp_path)
    environment = {"DATABASE_URL": "postgresql+psycopg://app:a%2Fb@127.0.0.1:5432/impact", "MODE": "demo"}
    path = tmp_path / "supervisor.conf"
    path.write_text(configuration(profile, 21999, [Program("assessment-web", ["/bin/run", "a b"], environment)]))

    options = ServerOptions()
    options.realize(["-c", str(path)])
    program = options.process_group_configs[0].process_configs[0]

    assert program.environment == environment
    assert program.command == "/bin/run 'a b'"
    assert program.autorestart is not False
    assert program.autostart is False


@pytest.mark.parametrize("value", ['a"b', "a\nb", "a\\b"])
def test_a_setting_that_the_supervisor_would_misread_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="quotes"):
        quoted(value)
