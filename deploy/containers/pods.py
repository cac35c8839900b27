"""The pod of a process in a cluster: its settings by where they come from, and no more rights than its work needs."""

from __future__ import annotations

from typing import Any

from deploy.containers.compose import host
from deploy.containers.names import IMAGES, MAIL_FROM, WEB_PORT, WORDS
from deploy.processes import Process, services

METRICS_PORT = 9100
NAMESPACE = "improve-together"
SECRET_ENDINGS = ("_PASSWORD", "_SECRET", "_KEY", "DATABASE_URL", "AWS_ACCESS_KEY_ID")
GRACE_SECONDS = 45
"""Longer than the drain and gunicorn's 25 s after it."""
SETTINGS = {
    "MODE": "production",
    "LOG_LEVEL": "INFO",
    "PORTAL_URL": "https://improve-together.example",
    "REQUESTS_PER_PERSON": "600",
    "REQUESTS_PER_ADDRESS": "3000",
    "TRUSTED_PROXIES": "1",
    "POSTGRES_ADDRESS": "database.example:5432",
    "POSTGRES_CA_FILE": "/run/authorities/postgres.crt",
    "KAFKA_BOOTSTRAP": "kafka.example:9093",
    "KAFKA_ADMIN_USERNAME": "admin",
    "KAFKA_SASL_MECHANISM": "PLAIN",
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_CA_FILE": "/run/authorities/kafka.crt",
    "OIDC_ISSUER": "https://sign-in.example/realms/impact",
    "OIDC_JWKS_URL": "https://sign-in.example/realms/impact/protocol/openid-connect/certs",
    "KEYCLOAK_ADMIN_URL": "https://sign-in.example",
    "KEYCLOAK_REALM": "impact",
    "WORK_ISSUER": "https://work.example/tenant/v2.0",
    "WORK_CLIENT_ID": "improve-together",
    "WORK_AUTHORIZE_URL": "https://work.example/tenant/oauth2/v2.0/authorize",
    "WORK_TOKEN_URL": "https://work.example/tenant/oauth2/v2.0/token",
    "WORK_KEYS_URL": "https://work.example/tenant/discovery/v2.0/keys",
    "AWS_REGION": "eu-west-2",
    "S3_ENDPOINT": "https://s3.eu-west-2.amazonaws.com",
    "S3_LINK_ENDPOINT": "https://s3.eu-west-2.amazonaws.com",
    "FILE_SCANNER": "clamd://scanner.example:3310",
    "SES_ENDPOINT": "https://email.eu-west-2.amazonaws.com",
    "BOUNCE_QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/000000000000/improve-together-bounces",
    "SQS_ENDPOINT": "https://sqs.eu-west-2.amazonaws.com",
    "S3_BUCKET": "improve-together-files",
    "MAIL_FROM": MAIL_FROM,
    **WORDS,
}
CLIENTS = {"directory": "directory-provisioner", "notification": "notification-sender"}


def own_values(process: Process) -> dict[str, str]:
    """The settings that differ from process to process and are no secret."""
    return {
        "PORT": str(WEB_PORT), "METRICS_PORT": str(METRICS_PORT), "BIND_ADDRESS": "0.0.0.0",  # noqa: S104 - the pod's own network
        "WEB_WORKERS": "2", "WEB_THREADS": "8", "DRAIN_SECONDS": "10",
        "HEARTBEAT_FILE": "/tmp/heartbeat",  # noqa: S108 - a volume of the pod's own
        "KAFKA_USERNAME": process.service, "KEYCLOAK_CLIENT_ID": CLIENTS.get(process.service, ""),
        **{f"{name.upper()}_URL": f"http://{host(name)}-web:{WEB_PORT}" for name in services() if name != "portal"},
    }  # fmt: skip


def environment(process: Process) -> list[dict[str, Any]]:
    """Every setting of a process, by where its value comes from."""
    own = own_values(process)
    found: list[dict[str, Any]] = []
    for name in process.settings:
        if name in own:
            found.append({"name": name, "value": own[name]})
        elif name.endswith(SECRET_ENDINGS):
            reference = {"name": f"{host(process.service)}-secrets", "key": name}
            found.append({"name": name, "valueFrom": {"secretKeyRef": reference}})
        else:
            found.append({"name": name, "valueFrom": {"configMapKeyRef": {"name": "settings", "key": name}}})
    return found


def labels(process: Process) -> dict[str, str]:
    return {"app.kubernetes.io/part-of": NAMESPACE, "service": process.service, "role": process.role}


def metadata(name: str, process: Process) -> dict[str, Any]:
    return {"name": name, "namespace": NAMESPACE, "labels": labels(process)}


def container(process: Process) -> dict[str, Any]:
    """The one container of a pod: nobody's root, nothing to write but its own temporary folder."""
    return {
        "name": process.role,
        "image": IMAGES["ours"],
        "args": [process.service, process.role],
        "env": environment(process),
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "384Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "temporary", "mountPath": "/tmp"},  # noqa: S108 - a volume of the pod's own
            {"name": "authorities", "mountPath": "/run/authorities", "readOnly": True},
        ],
    }


def pod(process: Process, one: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The template of a pod."""
    spec = {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [one],
        "volumes": [
            {"name": "temporary", "emptyDir": {"medium": "Memory", "sizeLimit": "256Mi"}},
            {"name": "authorities", "configMap": {"name": "authorities"}},
        ],
    }
    return {"metadata": {"labels": labels(process)}, "spec": spec | more}
