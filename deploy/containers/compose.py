"""Writes docker-compose.yml from `processes.yaml`, so that containers and the local runner run the same processes.

`python -m deploy.containers.compose` writes the file; a test holds the two together. Passwords come from an environment
file that `python -m deploy.containers.passwords` makes on the machine; compose refuses to start while one is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.containers import servers
from deploy.containers.names import (
    AUTHORITY,
    CERTIFICATES,
    FILES,
    FILES_PORT,
    IMAGES,
    ISSUER,
    KEYCLOAK,
    MAIL_FROM,
    PORTAL_PORT,
    WEB_PORT,
    WORDS,
    WORK_CLIENT,
    WORK_ISSUER,
    secret,
)
from deploy.processes import REBUILD, Process, migrations, processes, rebuild, services

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
HEAD = """\
# Written by `python -m deploy.containers.compose` from deploy/processes.yaml: change that, not this.
#
# First once:
#   docker build -f deploy/Dockerfile -t improve-together:local .
#   mkdir -p .local && (umask 077; docker run --rm --entrypoint python improve-together:local \\
#     -m deploy.containers.passwords > .local/containers.env)
# Then, and after each change of the code with --build:
#   docker compose --env-file .local/containers.env up --detach
# The pages are at http://localhost:8000; who can sign in is in README.md. Password and one-time code of one of them:
#   docker compose --env-file .local/containers.env run --rm --no-deps --entrypoint python realm \\
#     -m infra.keycloak code lena.lead
#
# PostgreSQL and Kafka speak TLS; no port is open outside but those of the pages, the sign-in, its mails (8025) and the
# files (which answer to signed links of 60 seconds alone).
"""

WORK_ENDPOINTS = {"AUTHORIZE": "auth", "TOKEN": "token", "KEYS": "certs"}
# A network for each kind of neighbour: a process joins those of the settings it is given.
NETWORKS = {
    "database": ("DATABASE_URL", "RELAY_DATABASE_URL", "MIGRATE_DATABASE_URL"),
    "broker": ("KAFKA_BOOTSTRAP",),
    "identity": ("OIDC_ISSUER", "KEYCLOAK_ADMIN_URL"),
    "files_and_mail": ("S3_ENDPOINT", "SES_ENDPOINT"),
    "apis": ("PORT", "DIRECTORY_URL"),
}
# A port is open outside only from a network that is not internal. Each such container has one to itself.
EDGES = ("edge", "edge_sign_in", "edge_files", "edge_mails")
CLIENTS = {
    "directory": ("directory-provisioner", "PROVISIONER_CLIENT_SECRET"),
    "notification": ("notification-sender", "NOTIFICATION_SENDER_CLIENT_SECRET"),
}


def database_url(role: str) -> str:
    password = secret(f"{role.upper()}_PASSWORD")
    return f"postgresql+psycopg://{role}:{password}@postgres:5432/impact?sslmode=verify-full&sslrootcert={AUTHORITY}"


def values_of(process: Process) -> dict[str, str]:
    """The settings of one process in its container."""
    service = process.service
    client, client_secret = CLIENTS.get(service, ("", ""))
    values = {
        "MODE": "demo", "LOG_LEVEL": "INFO", "PORTAL_URL": f"http://localhost:{PORTAL_PORT}",
        "PORT": str(WEB_PORT), "WEB_WORKERS": "2", "WEB_THREADS": "8", "BIND_ADDRESS": "0.0.0.0", "DRAIN_SECONDS": "5",  # noqa: S104
        "REQUESTS_PER_PERSON": "600", "REQUESTS_PER_ADDRESS": "3000", "TRUSTED_PROXIES": "0",
        "HEARTBEAT_FILE": "/tmp/heartbeat", "METRICS_PORT": "9100",  # noqa: S108 - a tmpfs of the container's own
        "DATABASE_URL": database_url(f"app_{service}"), "RELAY_DATABASE_URL": database_url(f"relay_{service}"),
        "MIGRATE_DATABASE_URL": database_url(f"migrate_{service}"),
        "AGGREGATOR_DATABASE_URL": database_url("aggregator_insight"),
        "NATIONAL_DATABASE_URL": database_url("national_insight"),
        "KAFKA_BOOTSTRAP": "kafka:9092", "KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_USERNAME": service,
        "KAFKA_PASSWORD": secret(f"KAFKA_{service.upper()}_PASSWORD"), "KAFKA_CA_FILE": AUTHORITY,
        "OIDC_ISSUER": ISSUER, "OIDC_JWKS_URL": f"{ISSUER}/protocol/openid-connect/certs",
        "KEYCLOAK_ADMIN_URL": KEYCLOAK, "KEYCLOAK_REALM": "impact", "KEYCLOAK_CLIENT_ID": client,
        "KEYCLOAK_CLIENT_SECRET": secret(client_secret) if client else "",
        "WORK_ISSUER": WORK_ISSUER, "WORK_CLIENT_ID": WORK_CLIENT,
        "WORK_CLIENT_SECRET": secret("WORK_CLIENT_SECRET"),
        **{f"WORK_{name}_URL": f"{WORK_ISSUER}/protocol/openid-connect/{end}" for name, end in WORK_ENDPOINTS.items()},
        **FILES, "S3_LINK_ENDPOINT": f"http://localhost:{FILES_PORT}",
        "FILE_SCANNER": "signature", "SES_ENDPOINT": "http://ses:5000", "MAIL_FROM": MAIL_FROM,
        "BOUNCE_QUEUE_URL": "", "SQS_ENDPOINT": "", **WORDS,
        "PORTAL_CLIENT_SECRET": secret("PORTAL_CLIENT_SECRET"), "PORTAL_SECRET_KEY": secret("PORTAL_SECRET_KEY"),
        "PORTAL_ENCRYPTION_KEY": secret("PORTAL_ENCRYPTION_KEY"),
        **{f"{name.upper()}_URL": f"http://{host(name)}-web:{WEB_PORT}" for name in services() if name != "portal"},
    }  # fmt: skip
    return {name: values[name] for name in process.settings}


def host(name: str) -> str:
    return name.replace("_", "-")


def container_of(process: Process) -> dict[str, Any]:
    """The container of one long-running process."""
    networks = [name for name, settings in NETWORKS.items() if set(settings) & set(process.settings)]
    edge = process.name == "portal-web"
    awaited = {"after-migrations": {"condition": "service_completed_successfully"}}
    if edge:  # the last to start: whoever finds the pages can sign in
        awaited |= {"demonstration": {"condition": "service_completed_successfully"}}
    signs_in = process.role == "scheduler" and "KEYCLOAK_CLIENT_SECRET" in process.settings
    if edge or signs_in:  # what a scheduler cannot do it tries again, with an error in the log for each mail
        awaited |= {"keycloak": {"condition": "service_healthy"}}
    return {
        "<<": None,
        "command": [process.service, process.role],
        "environment": values_of(process),
        "networks": [*networks, *(["edge"] if edge else [])],
        "depends_on": awaited,
        **({"ports": [f"127.0.0.1:{PORTAL_PORT}:{WEB_PORT}"]} if edge else {}),
    }


def migration_of(process: Process) -> dict[str, Any]:
    return {
        "<<": None,
        "command": [process.service, "migrate"],
        "environment": values_of(process),
        "networks": ["database"],
        "restart": "no",
        "healthcheck": {"disable": True},
        "depends_on": {"bootstrap": {"condition": "service_completed_successfully"}},
    }


def demonstration() -> dict[str, Any]:
    """Registers the public organisations, and the fictional ones with the people who may sign in; runs once."""
    scheduler = container_of(next(each for each in processes() if each.name == "directory-scheduler"))
    return {
        "<<": None,
        "entrypoint": ["python", "-m", "services.directory.demonstration"],
        "environment": scheduler["environment"],
        "networks": scheduler["networks"],
        "restart": "no",
        "healthcheck": {"disable": True},
        "depends_on": {"after-migrations": {"condition": "service_completed_successfully"}},
    }


def rebuilding() -> dict[str, Any]:
    """Insight's rebuild, for an operator: its profile keeps it from starting with the rest."""
    process = rebuild()
    return {
        "<<": None,
        "profiles": ["on-demand"],
        "entrypoint": list(REBUILD),
        "environment": values_of(process),
        "networks": ["database", "broker"],
        "restart": "no",
        "healthcheck": {"disable": True},
    }


HARDENED: Mapping[str, Any] = {
    "image": IMAGES["ours"],
    "read_only": True,
    "tmpfs": ["/tmp"],  # noqa: S108 - a tmpfs of the container's own
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "restart": "unless-stopped",
    "stop_grace_period": "45s",
    "volumes": [f"certificates:{CERTIFICATES}:ro"],
    "deploy": {"resources": {"limits": {"memory": "384M"}}},
}


def document() -> dict[str, Any]:
    """The whole file as data; `x-process` is what all of our containers have in common."""
    ours = {host(each.name): container_of(each) for each in processes()}
    runs_once = {host(each.name): migration_of(each) for each in migrations()}
    return {
        "name": "improve-together",
        "x-process": dict(HARDENED),
        "services": {
            **servers.containers(),
            **runs_once,
            **servers.after_migrations(list(runs_once)),
            "demonstration": demonstration(),
            "insight-rebuild": rebuilding(),
            **ours,
        },
        "networks": {**{name: {"internal": True} for name in NETWORKS}, **{name: {} for name in EDGES}},
        "volumes": dict.fromkeys(("certificates", "realm", "postgres-data", "kafka-data", "files", "mails"), None),
    }


def render() -> str:
    """The file's text. YAML's anchors and merges are written by hand: the library writes merges as plain keys."""
    text = yaml.safe_dump(document(), sort_keys=False, width=1000, allow_unicode=True)
    text = text.replace("x-process:\n", "x-process: &process\n", 1).replace("    '<<': null\n", "    <<: *process\n")
    return HEAD + "\n" + text


if __name__ == "__main__":
    FILE.write_text(render())
