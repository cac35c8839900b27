"""What each process is told, on one machine: its own settings, made from the servers' addresses and kept secrets.

A process gets the variables that `deploy/processes.yaml` lists for it and no others; a variable without a value here
(such as a certificate file, where there is no TLS on loopback) is left out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

from deploy.containers.names import WORDS
from deploy.processes import Process, administration, processes, services
from infra.servers.profile import Profile
from infra.servers.realm import realm_environment
from infra.servers.settings import WORK_CLIENT, ConnectionSettings

HOST = "127.0.0.1"
REALM = "impact"
SCHEME = "postgresql+psycopg"
MODES = {"test": "test"}
WORK_ENDPOINTS = {"AUTHORIZE": "auth", "TOKEN": "token", "KEYS": "certs"}
ONE_MACHINE_ASKS = "0"
"""No limit: tests, measurements and the story send a whole country's requests from one address, as a few people."""

# Which Keycloak client a service's background process signs in as.
CLIENTS = {"directory": "directory-provisioner", "notification": "notification-sender"}


def portal_url(profile: Profile) -> str:
    """The address people open; the name localhost, because passkeys are bound to a name."""
    return f"http://localhost:{profile.port('portal')}"


def api_url(profile: Profile, service: str) -> str:
    return f"http://{HOST}:{profile.port(service)}"


def heartbeat_file(profile: Profile, process: Process) -> Path:
    """The file whose age says whether a background process still turns its loop."""
    return profile.subfolder("run") / f"{process.name}.beat"


def metrics_port(profile: Profile, process: Process) -> int:
    """The port on which a process shows its metrics."""
    return profile.port(f"{process.name}: metrics")


def client_secret(profile: Profile, client: str) -> str:
    return profile.password(f"client:{client}")


def encryption_key(profile: Profile, purpose: str) -> str:
    """Thirty-two bytes in the alphabet that Fernet and AES key settings take."""
    digest = hashlib.sha256(profile.password(purpose).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()


def environment_of(process: Process, profile: Profile, servers: ConnectionSettings) -> dict[str, str]:
    """The variables of one process, by name."""
    own = _administrators(servers) if process == administration() else _own(process, profile, servers)
    values = {**_everywhere(profile, servers), **own}
    return {name: values[name] for name in process.settings if values.get(name)}


def environments(profile: Profile, servers: ConnectionSettings) -> Mapping[str, dict[str, str]]:
    """The variables of every long-running process, by the process's name."""
    return {process.name: environment_of(process, profile, servers) for process in processes()}


def _everywhere(profile: Profile, servers: ConnectionSettings) -> dict[str, str]:
    issuer = f"{servers.keycloak.base_url}/realms/{REALM}"
    work = f"{servers.keycloak.base_url}/realms/work"
    return {
        "MODE": MODES.get(profile.name, "demo"),
        "LOG_LEVEL": "INFO",
        "REQUESTS_PER_PERSON": ONE_MACHINE_ASKS,
        "REQUESTS_PER_ADDRESS": ONE_MACHINE_ASKS,
        "PORTAL_URL": portal_url(profile),
        "OIDC_ISSUER": issuer,
        "OIDC_JWKS_URL": f"{issuer}/protocol/openid-connect/certs",
        "KAFKA_BOOTSTRAP": servers.kafka.bootstrap,
        "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KEYCLOAK_ADMIN_URL": servers.keycloak.base_url,
        "KEYCLOAK_REALM": REALM,
        "WORK_ISSUER": work,
        "WORK_CLIENT_ID": WORK_CLIENT,
        **{f"WORK_{name}_URL": f"{work}/protocol/openid-connect/{end}" for name, end in WORK_ENDPOINTS.items()},
        "AWS_REGION": servers.s3.region,
        "AWS_ACCESS_KEY_ID": servers.s3.access_key,
        "AWS_SECRET_ACCESS_KEY": servers.s3.secret_key,
        "S3_ENDPOINT": servers.s3.endpoint,
        "S3_LINK_ENDPOINT": servers.s3.endpoint,
        "S3_BUCKET": servers.s3.bucket,
        "FILE_SCANNER": "signature",
        "SES_ENDPOINT": servers.ses.endpoint,
        "MAIL_FROM": servers.ses.sender,
        **WORDS,
        **{f"{name.upper()}_URL": api_url(profile, name) for name in services() if name != "portal"},
    }


def _own(process: Process, profile: Profile, servers: ConnectionSettings) -> dict[str, str]:
    """What differs between services and roles: database role, broker user, client, port."""
    service, database = process.service, servers.postgres
    own = {
        "PORT": str(profile.port(service)),
        "BIND_ADDRESS": HOST,
        "WEB_WORKERS": "1",
        "WEB_THREADS": "8",
        "DRAIN_SECONDS": "0",
        "METRICS_PORT": str(metrics_port(profile, process)),
        "HEARTBEAT_FILE": str(heartbeat_file(profile, process)),
        "DATABASE_URL": database.dsn(f"app_{service}", scheme=SCHEME),
        "RELAY_DATABASE_URL": database.dsn(f"relay_{service}", scheme=SCHEME),
        "MIGRATE_DATABASE_URL": database.dsn(f"migrate_{service}", scheme=SCHEME),
        "AGGREGATOR_DATABASE_URL": database.dsn("aggregator_insight", scheme=SCHEME),
        "NATIONAL_DATABASE_URL": database.dsn("national_insight", scheme=SCHEME),
        "KAFKA_USERNAME": service,
        "KAFKA_PASSWORD": servers.kafka.passwords.get(service, ""),
    }
    if service in CLIENTS:
        own |= {
            "KEYCLOAK_CLIENT_ID": CLIENTS[service],
            "KEYCLOAK_CLIENT_SECRET": client_secret(profile, CLIENTS[service]),
        }
    if service == "portal":
        own |= {
            "PORTAL_CLIENT_SECRET": client_secret(profile, "portal"),
            "WORK_CLIENT_SECRET": client_secret(profile, WORK_CLIENT),
            "PORTAL_SECRET_KEY": profile.password("portal: form tokens"),
            "PORTAL_ENCRYPTION_KEY": encryption_key(profile, "portal: stored tokens"),
        }
    return own


def administrators_realm(profile: Profile, servers: ConnectionSettings) -> dict[str, str]:
    """What `python -m infra.keycloak` needs to know, also to look at the running realm."""
    keycloak = servers.keycloak
    administrator = {
        "KEYCLOAK_ADMIN_USERNAME": keycloak.admin_username,
        "KEYCLOAK_ADMIN_PASSWORD": keycloak.admin_password,
    }
    return realm_environment(profile, servers) | administrator


def _administrators(servers: ConnectionSettings) -> dict[str, str]:
    """How one reaches database and broker as those who may do everything there."""
    postgres, kafka = servers.postgres, servers.kafka
    return {
        "POSTGRES_ADDRESS": f"{postgres.host}:{postgres.port}",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_ADMIN_USERNAME": "admin",
        **{f"{role.upper()}_PASSWORD": secret for role, secret in postgres.passwords.items()},
        **{f"KAFKA_{user.upper()}_PASSWORD": secret for user, secret in kafka.passwords.items()},
    }
