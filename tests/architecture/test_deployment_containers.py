"""The container setup runs the same processes, with the same settings, as the one list says."""

import json
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from cryptography import x509

from deploy.containers import certificates, passwords
from deploy.containers.compose import EDGES, FILE, NETWORKS, host, render
from deploy.containers.names import IMAGES
from deploy.healthcheck import is_healthy
from deploy.local.environment import environment_of
from deploy.local.system import DEMONSTRATION
from deploy.processes import REBUILD, administration, migrations, processes, rebuild, services
from infra.postgres.bootstrap import INITDB_OPTIONS
from infra.postgres.roles import SERVICES, SUPERUSER, login_roles
from infra.servers import ConnectionSettings, Profile
from infra.servers.settings import (
    KafkaSettings,
    KeycloakSettings,
    PostgresSettings,
    S3Settings,
    SesSettings,
    SmtpSettings,
)

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"(?:://|@|^)([a-z][a-z0-9.-]*):\d+")
FOR_BROWSERS = {"PORTAL_URL", "S3_LINK_ENDPOINT"}
NOT_ON_ONE_MACHINE = {"KAFKA_CA_FILE", "POSTGRES_CA_FILE", "TRUSTED_PROXIES", "BOUNCE_QUEUE_URL", "SQS_ENDPOINT"}
"""Settings of TLS, proxies and a mail service that tells what came back."""
CALLED = set(services()) - {"portal"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return document


def test_the_compose_file_is_what_the_list_says() -> None:
    assert FILE.read_text() == render()


def test_every_process_and_migration_has_a_container_with_exactly_its_settings(compose: dict[str, Any]) -> None:
    for process in (*processes(), *migrations()):
        container = compose["services"][host(process.name)]

        assert container["command"] == [process.service, process.role]
        assert set(container["environment"]) == set(process.settings), process.name


def test_the_containers_are_filled_with_the_roles_and_users_that_the_runner_makes(compose: dict[str, Any]) -> None:
    """Topics, rights, roles and schemas themselves come from the same functions, called by both."""
    filling = compose["services"]["bootstrap"]["environment"]
    roles = {f"{role.upper()}_PASSWORD" for role in login_roles()}
    users = {f"KAFKA_{name.upper()}_PASSWORD" for name in SERVICES}

    passwords_given = {name for name in filling if name.endswith("_PASSWORD")}

    assert passwords_given == roles | users | {"POSTGRES_PASSWORD", "KAFKA_ADMIN_PASSWORD"}


def test_what_an_operator_runs_has_a_container_with_the_settings_it_needs_and_does_not_start_by_itself(
    compose: dict[str, Any],
) -> None:
    filling, rebuilding = compose["services"]["bootstrap"], compose["services"]["insight-rebuild"]

    assert set(filling["environment"]) == set(administration().settings)
    assert filling["environment"]["POSTGRES_ADDRESS"] == "postgres:5432"
    assert filling["environment"]["KAFKA_BOOTSTRAP"] == "kafka:9092"
    assert set(rebuilding["environment"]) == set(rebuild().settings) >= {"DATABASE_URL", "MIGRATE_DATABASE_URL"}
    assert rebuilding["entrypoint"] == list(REBUILD)
    assert rebuilding["profiles"] == ["on-demand"]


def test_a_new_value_can_be_had_for_one_secret_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """To print the whole file when one key is changed would invite to overwrite every password there is."""
    passwords.main(["PORTAL_ENCRYPTION_KEY"])
    alone = capsys.readouterr().out
    passwords.main([])
    every = capsys.readouterr().out

    assert re.fullmatch(r"PORTAL_ENCRYPTION_KEY=[\w-]{43}=\n", alone)
    assert [line.partition("=")[0] for line in every.splitlines()] == passwords.names()
    with pytest.raises(SystemExit, match="PORTAL_KEY"):
        passwords.main(["PORTAL_KEY"])


def test_each_process_signs_in_as_itself(compose: dict[str, Any]) -> None:
    for process in (*processes(), *migrations()):
        environment = compose["services"][host(process.name)]["environment"]
        for name, role in (
            ("DATABASE_URL", "app"),
            ("RELAY_DATABASE_URL", "relay"),
            ("MIGRATE_DATABASE_URL", "migrate"),
        ):
            if name in environment:
                assert f"//{role}_{process.service}:" in environment[name]
                assert "sslmode=verify-full" in environment[name]
        if "KAFKA_USERNAME" in environment:
            assert environment["KAFKA_USERNAME"] == process.service
            assert environment["KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"


def test_the_runner_gives_every_setting_but_those_that_only_tls_and_proxies_need(tmp_path: Path) -> None:
    profile = Profile("trial", root=tmp_path, ports=range(24900, 24990))
    servers = ConnectionSettings(
        profile="trial",
        postgres=PostgresSettings(port=1, database="impact", passwords=dict.fromkeys((SUPERUSER, *login_roles()), "p")),
        kafka=KafkaSettings("127.0.0.1:2", dict.fromkeys(("admin", *SERVICES), "p")),
        keycloak=KeycloakSettings("http://localhost:3", "http://localhost:4", "admin", "p"),
        s3=S3Settings("http://127.0.0.1:5", "key", "secret", "impact"),
        ses=SesSettings("http://127.0.0.1:6", "no-reply@example.org", "key", "secret", tmp_path),
        smtp=SmtpSettings(7, tmp_path),
    )

    for process in (*processes(), *migrations(), rebuild(), administration()):
        given = set(environment_of(process, profile, servers))
        assert set(process.settings) - given <= NOT_ON_ONE_MACHINE, process.name


def test_a_container_joins_only_networks_whose_settings_it_is_given(compose: dict[str, Any]) -> None:
    for process in processes():
        joined = set(compose["services"][host(process.name)]["networks"]) - set(EDGES)
        expected = {name for name, settings in NETWORKS.items() if set(settings) & set(process.settings)}

        assert joined == expected, process.name


def test_only_pages_sign_in_its_mails_and_signed_links_are_reachable_from_outside(compose: dict[str, Any]) -> None:
    reachable = {name for name, container in compose["services"].items() if "ports" in container}

    assert reachable == {"portal-web", "keycloak", "s3", "smtp"}
    assert all(port.startswith("127.0.0.1:") for name in reachable for port in compose["services"][name]["ports"])


def test_who_is_reachable_from_outside_shares_no_network_with_another_for_it(compose: dict[str, Any]) -> None:
    open_networks = {name for name, network in compose["networks"].items() if not (network or {}).get("internal")}
    members = {
        network: [name for name, one in compose["services"].items() if network in one.get("networks", ())]
        for network in open_networks
    }

    assert sorted(members) == sorted(EDGES)
    assert all(len(names) == 1 and "ports" in compose["services"][names[0]] for names in members.values())


def test_every_address_that_a_container_is_given_is_in_a_network_of_both(compose: dict[str, Any]) -> None:
    connected = {name: one for name, one in compose["services"].items() if "networks" in one}
    found = set()
    for name, container in connected.items():
        for setting, value in container.get("environment", {}).items():
            for named in () if setting in FOR_BROWSERS else ADDRESS.findall(str(value)):
                other = "keycloak" if named == "keycloak.localhost" else named
                found.add(other)
                assert set(container["networks"]) & set(connected[other]["networks"]), (name, setting)

    assert found == {"postgres", "kafka", "keycloak", "s3", "ses"} | {f"{host(name)}-web" for name in CALLED}


def test_passkeys_belong_to_the_host_name_at_which_browsers_find_the_sign_in_pages(compose: dict[str, Any]) -> None:
    (address,) = [one for one in compose["services"]["keycloak"]["command"] if one.startswith("--hostname=")]

    named = compose["services"]["realm"]["environment"]["PASSKEY_DOMAIN"]

    assert named == urlsplit(address.partition("=")[2]).hostname == "keycloak.localhost"


def test_keycloak_reaches_the_server_that_takes_its_mails(compose: dict[str, Any]) -> None:
    named = compose["services"]["realm"]["environment"]["SMTP_HOST"]

    assert set(compose["services"]["keycloak"]["networks"]) & set(compose["services"][named]["networks"])
    assert compose["services"][named]["image"] == IMAGES["smtp"]


def test_mail_is_taken_from_the_sender_that_the_processes_name(compose: dict[str, Any]) -> None:
    sender = compose["services"]["notification-scheduler"]["environment"]["MAIL_FROM"]

    assert sender in compose["services"]["ses"]["entrypoint"]


def test_the_bucket_that_the_processes_name_is_made_before_they_start(compose: dict[str, Any]) -> None:
    makes = compose["services"]["bootstrap"]

    assert "s3" in makes["depends_on"]
    for container in compose["services"].values():
        environment = container.get("environment", {})
        assert environment.get("S3_BUCKET", makes["environment"]["S3_BUCKET"]) == makes["environment"]["S3_BUCKET"]


def test_containers_begin_with_the_organisations_and_people_that_the_runner_loads(compose: dict[str, Any]) -> None:
    loads = compose["services"]["demonstration"]

    assert loads["entrypoint"] == ["python", *DEMONSTRATION]
    assert loads["environment"] == compose["services"]["directory-scheduler"]["environment"]


def test_whoever_finds_the_pages_can_sign_in(compose: dict[str, Any]) -> None:
    waits = {name: one["condition"] for name, one in compose["services"]["portal-web"]["depends_on"].items()}

    assert waits["keycloak"] == "service_healthy"
    assert waits["demonstration"] == "service_completed_successfully"


def test_a_scheduler_that_signs_in_at_keycloak_starts_when_it_answers(compose: dict[str, Any]) -> None:
    """A first Keycloak takes minutes, and each mail of the demonstration was tried seven times, with as many errors."""
    schedulers = [each for each in processes() if each.role == "scheduler"]
    callers = [host(each.name) for each in schedulers if "KEYCLOAK_CLIENT_SECRET" in each.settings]

    assert sorted(callers) == ["directory-scheduler", "notification-scheduler"]
    for name in callers:
        assert compose["services"][name]["depends_on"]["keycloak"] == {"condition": "service_healthy"}, name
    assert "keycloak" not in compose["services"]["demonstration"]["depends_on"]


def test_postgres_is_filled_only_once_it_can_be_reached_and_sorts_as_everywhere(compose: dict[str, Any]) -> None:
    """While it fills a new folder the image runs a server on its socket alone, and stops it again."""
    postgres = compose["services"]["postgres"]

    assert postgres["healthcheck"]["test"] == ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "postgres"]
    assert postgres["environment"]["POSTGRES_INITDB_ARGS"].split() == list(INITDB_OPTIONS)


def test_whatever_a_container_waits_for_exists(compose: dict[str, Any]) -> None:
    awaited = {name for container in compose["services"].values() for name in container.get("depends_on", {})}

    assert awaited <= set(compose["services"])


def test_no_secret_is_written_in_the_compose_file(compose: dict[str, Any]) -> None:
    text = json.dumps(compose)

    assert all(name in text for name in passwords.names())
    for container in compose["services"].values():
        for name, value in container.get("environment", {}).items():
            if name.endswith(("_PASSWORD", "_SECRET", "_KEY")):
                assert value == "" or value.startswith("${"), name


def test_the_servers_certificates_are_signed_and_their_keys_private(tmp_path: Path) -> None:
    made = certificates.make(tmp_path)
    again = certificates.make(tmp_path)

    authority = x509.load_pem_x509_certificate((tmp_path / "authority.crt").read_bytes())
    assert (made, again) == (True, False)
    for server in certificates.OWNERS:
        certificate = x509.load_pem_x509_certificate((tmp_path / server / "server.crt").read_bytes())
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == [server]
        assert (tmp_path / server / "server.key").stat().st_mode & 0o077 == 0


def test_a_background_process_is_healthy_while_its_heart_beats(tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    environment = {"HEARTBEAT_FILE": str(beat)}
    before = is_healthy(environment, now=0)
    beat.touch()
    at = beat.stat().st_mtime

    assert before is False
    assert is_healthy(environment, now=at + 5) is True
    assert is_healthy(environment, now=at + 300) is False


@pytest.mark.parametrize(("status", "expected"), [(200, True), (503, False)])
def test_a_web_process_is_healthy_while_it_says_that_it_is_ready(status: int, expected: bool) -> None:
    asked: list[str] = []

    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        Thread(target=server.handle_request).start()
        answered = is_healthy({"PORT": str(server.server_port)}, now=0)
    gone = is_healthy({"PORT": str(server.server_port)}, now=0)

    assert (answered, gone, asked) == (expected, False, ["/health/ready"])


def test_asking_a_background_process_loads_no_client() -> None:
    """The question is put in every container several times a minute: what it loads is paid for each time."""
    script = (
        "import sys; known = set(sys.modules);"
        "from deploy.healthcheck import is_healthy; is_healthy({'HEARTBEAT_FILE': '/'}, 0);"
        "print(*sorted(set(sys.modules) - known))"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert set(run.stdout.split()).isdisjoint({"http.client", "urllib.request", "ssl", "socket", "email", "pathlib"})


def test_a_process_that_nobody_described_is_not_healthy() -> None:
    run = subprocess.run([sys.executable, "-m", "deploy.healthcheck"], cwd=ROOT, env={}, check=False)

    assert run.returncode == 1
