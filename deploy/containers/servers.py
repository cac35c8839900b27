"""The containers of the servers, and the one that fills them before our processes start."""

from __future__ import annotations

from typing import Any

from deploy.containers.names import (
    AUTHORITY,
    CERTIFICATES,
    FILES,
    FILES_PORT,
    IMAGES,
    KEYCLOAK,
    KEYCLOAK_HOST,
    MAIL_FROM,
    MAILS_PORT,
    PORTAL_PORT,
    WORK_CLIENT,
    WORK_ISSUER,
    secret,
)
from deploy.processes import administration
from infra.postgres.bootstrap import INITDB_OPTIONS

REALM_FOLDER = "/run/realm"
READY = (
    "exec 3<>/dev/tcp/127.0.0.1/9000"
    r" && printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3 && read -r answer <&3 && [[ $$answer == *' 200 '* ]]"
)


def containers() -> dict[str, Any]:
    return {
        "certificates": certificates(),
        "postgres": postgres(),
        "kafka": kafka(),
        "bootstrap": bootstrap(),
        "realm": realm(),
        "keycloak": keycloak(),
        "s3": s3(),
        "ses": ses(),
        "smtp": smtp(),
    }


def certificates() -> dict[str, Any]:
    """Runs once as root, because each server wants to own its key; of root's rights it keeps what that takes."""
    return {
        "<<": None,
        "build": {"context": ".", "dockerfile": "deploy/Dockerfile"},
        "user": "0:0",
        "cap_add": ["CHOWN", "DAC_OVERRIDE"],
        "entrypoint": ["python", "-m", "deploy.containers.certificates", CERTIFICATES],
        "healthcheck": {"disable": True},
        "restart": "no",
        "network_mode": "none",
        "volumes": [f"certificates:{CERTIFICATES}"],
    }


def postgres() -> dict[str, Any]:
    folder = f"{CERTIFICATES}/postgres"
    return {
        "image": IMAGES["postgres"],
        "command": [
            "-c", "ssl=on", "-c", f"ssl_cert_file={folder}/server.crt", "-c", f"ssl_key_file={folder}/server.key",
            "-c", "max_connections=200", "-c", "timezone=UTC",
        ],
        "environment": {
            "POSTGRES_PASSWORD": secret("POSTGRES_PASSWORD"),
            "POSTGRES_INITDB_ARGS": " ".join(INITDB_OPTIONS),
        },
        "networks": ["database"],
        "restart": "unless-stopped",
        "stop_grace_period": "60s",
        "shm_size": "256m",
        "volumes": ["postgres-data:/var/lib/postgresql/data", f"certificates:{CERTIFICATES}:ro"],
        "depends_on": {"certificates": {"condition": "service_completed_successfully"}},
        # By TCP: while it fills a new folder, the image runs a server that answers on its socket alone.
        "healthcheck": {
            "test": ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "postgres"], "interval": "5s", "retries": 20,
        },
    }  # fmt: skip


def kafka() -> dict[str, Any]:
    """One broker that is its own controller. The administrator signs in with PLAIN over TLS, services with SCRAM."""
    return {
        "image": IMAGES["kafka"],
        "environment": {f"KAFKA_{name}": value for name, value in broker_settings().items()},
        "networks": ["broker"],
        "restart": "unless-stopped",
        "stop_grace_period": "60s",
        "volumes": ["kafka-data:/var/lib/kafka/data", f"certificates:{CERTIFICATES}:ro"],
        "depends_on": {"certificates": {"condition": "service_completed_successfully"}},
        "healthcheck": {
            "test": ["CMD-SHELL", "nc -z 127.0.0.1 9092"], "interval": "5s", "timeout": "5s", "retries": 30,
        },
    }  # fmt: skip


def broker_settings() -> dict[str, str]:
    """The broker's properties, by the names that the image turns into them."""
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    admin = secret("KAFKA_ADMIN_PASSWORD")
    return {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "LISTENERS": "CLIENT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093",
        "ADVERTISED_LISTENERS": "CLIENT://kafka:9092",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "CONTROLLER_QUORUM_VOTERS": "1@127.0.0.1:9093",
        "LISTENER_SECURITY_PROTOCOL_MAP": "CLIENT:SASL_SSL,CONTROLLER:PLAINTEXT",
        "INTER_BROKER_LISTENER_NAME": "CLIENT",
        "SASL_MECHANISM_INTER_BROKER_PROTOCOL": "PLAIN",
        "SASL_ENABLED_MECHANISMS": "PLAIN,SCRAM-SHA-512",
        "LISTENER_NAME_CLIENT_PLAIN_SASL_JAAS_CONFIG":
            f'{plain} username="admin" password="{admin}" user_admin="{admin}";',
        "LISTENER_NAME_CLIENT_SCRAM___SHA___512_SASL_JAAS_CONFIG":
            "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "SSL_KEYSTORE_TYPE": "PEM",
        "SSL_KEYSTORE_LOCATION": f"{CERTIFICATES}/kafka/server.pem",
        "SSL_TRUSTSTORE_TYPE": "PEM",
        "SSL_TRUSTSTORE_LOCATION": f"{CERTIFICATES}/authority.crt",
        "AUTHORIZER_CLASS_NAME": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "ALLOW_EVERYONE_IF_NO_ACL_FOUND": "false",
        "SUPER_USERS": "User:admin;User:ANONYMOUS",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "LOG_RETENTION_MS": "-1",
        "OFFSETS_RETENTION_MINUTES": "525600",
        "LOG_DIRS": "/var/lib/kafka/data",
    }  # fmt: skip


def bootstrap() -> dict[str, Any]:
    """Roles, databases and schemas; broker users, topics and rights; the bucket."""
    values = {
        "POSTGRES_ADDRESS": "postgres:5432",
        "POSTGRES_CA_FILE": AUTHORITY,
        "KAFKA_BOOTSTRAP": "kafka:9092",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "PLAIN",
        "KAFKA_CA_FILE": AUTHORITY,
        "KAFKA_ADMIN_USERNAME": "admin",
        **FILES,
    }
    return {
        "<<": None,
        "entrypoint": ["python", "-m", "deploy.containers.bootstrap"],
        "environment": {name: values.get(name) or secret(name) for name in administration().settings},
        "networks": ["database", "broker", "files_and_mail"],
        "restart": "no",
        "healthcheck": {"disable": True},
        "depends_on": {
            **{name: {"condition": "service_healthy"} for name in ("postgres", "kafka")},
            "s3": {"condition": "service_started"},
        },
    }


def after_migrations(migrations: list[str]) -> dict[str, Any]:
    """What only the superuser may do, once every schema is up to date."""
    container = {**bootstrap(), "command": ["after-migrations"]}
    container["depends_on"] = {name: {"condition": "service_completed_successfully"} for name in migrations}
    return {"after-migrations": container}


def realm() -> dict[str, Any]:
    """Writes the realm that Keycloak imports at its first start."""
    return {
        "<<": None,
        "entrypoint": ["python", "-m", "infra.keycloak", "render", REALM_FOLDER],
        "user": "0:0",
        "environment": {
            "MODE": "demo",
            "PORTAL_URL": f"http://localhost:{PORTAL_PORT}",
            "PASSKEY_DOMAIN": KEYCLOAK_HOST,
            "PORTAL_BACKCHANNEL_URL": "http://portal-web:8080",
            "SMTP_HOST": "smtp",
            "SMTP_PORT": "1025",
            "MAIL_FROM": MAIL_FROM,
            "WORK_ISSUER": WORK_ISSUER,
            "WORK_CLIENT_ID": WORK_CLIENT,
            **{name: secret(name) for name in (
                "PORTAL_CLIENT_SECRET", "PROVISIONER_CLIENT_SECRET", "NOTIFICATION_SENDER_CLIENT_SECRET", "DEMO_SECRET",
                "WORK_CLIENT_SECRET",
            )},
        },
        "network_mode": "none",
        "restart": "no",
        "healthcheck": {"disable": True},
        "volumes": [f"realm:{REALM_FOLDER}"],
    }  # fmt: skip


def keycloak() -> dict[str, Any]:
    port = KEYCLOAK.rsplit(":", 1)[1]
    themes = "./infra/keycloak/themes/improve-together:/opt/keycloak/themes/improve-together:ro"
    lists = "./infra/keycloak/password-blacklists:/opt/keycloak/data/password-blacklists:ro"
    return {
        "image": IMAGES["keycloak"],
        "command": ["start", "--import-realm", f"--http-port={port}", "--http-enabled=true", f"--hostname={KEYCLOAK}"],
        "user": "0:0",
        "environment": {
            "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
            "KC_BOOTSTRAP_ADMIN_PASSWORD": secret("KEYCLOAK_ADMIN_PASSWORD"),
            "KC_DB": "postgres",
            "KC_DB_URL": f"jdbc:postgresql://postgres:5432/keycloak?sslmode=verify-full&sslrootcert={CERTIFICATES}/authority.crt",
            "KC_DB_USERNAME": "keycloak",
            "KC_DB_PASSWORD": secret("KEYCLOAK_PASSWORD"),
            "KC_HEALTH_ENABLED": "true",
            "KC_CACHE": "local",
        },
        "networks": {"database": {}, "identity": {"aliases": [KEYCLOAK_HOST]}, "edge_sign_in": {}},
        "ports": [f"127.0.0.1:{port}:{port}"],
        "restart": "unless-stopped",
        # The image has no client, but a shell that can open a connection.
        "healthcheck": {
            "test": ["CMD", "bash", "-c", READY],
            "interval": "5s", "timeout": "5s", "start_period": "300s", "retries": 6,
        },
        "volumes": ["realm:/opt/keycloak/data/import:ro", lists, themes, f"certificates:{CERTIFICATES}:ro"],
        "depends_on": {
            "bootstrap": {"condition": "service_completed_successfully"},
            "realm": {"condition": "service_completed_successfully"},
        },
    }  # fmt: skip


def s3() -> dict[str, Any]:
    return {
        "image": IMAGES["s3"],
        "environment": {
            "S3PROXY_AUTHORIZATION": "aws-v2-or-v4",
            "S3PROXY_IDENTITY": FILES["AWS_ACCESS_KEY_ID"],
            "S3PROXY_CREDENTIAL": FILES["AWS_SECRET_ACCESS_KEY"],
            "JCLOUDS_PROVIDER": "filesystem-nio2",
            "JCLOUDS_FILESYSTEM_BASEDIR": "/data",
        },
        "networks": ["files_and_mail", "edge_files"],
        "ports": [f"127.0.0.1:{FILES_PORT}:80"],
        "restart": "unless-stopped",
        "volumes": ["files:/data"],
    }


def ses() -> dict[str, Any]:
    """The product's own mail, as on one machine: the sender is known at each start, each mail becomes a file."""
    return {
        "image": IMAGES["ses"],
        "entrypoint": ["python", "-m", "infra.mail.ses_service", "5000", "/mails", MAIL_FROM, "0.0.0.0"],  # noqa: S104
        "working_dir": "/product",
        "networks": ["files_and_mail"],
        "restart": "unless-stopped",
        "volumes": ["./infra:/product/infra:ro", "mails:/mails"],
    }


def smtp() -> dict[str, Any]:
    """Keycloak's invitations and password links, to be read in a browser."""
    return {
        "image": IMAGES["smtp"],
        "networks": ["identity", "edge_mails"],
        "ports": [f"127.0.0.1:{MAILS_PORT}:8025"],
        "restart": "unless-stopped",
    }
