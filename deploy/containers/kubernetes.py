"""Writes deploy/kubernetes/ from `processes.yaml`: the same processes and settings as everywhere, for a cluster.

`python -m deploy.containers.kubernetes` writes the files; a test holds them to the list. PostgreSQL, Kafka, Keycloak,
S3 and SES are the platform's: their addresses stand in the ConfigMap `settings`, what is secret in a Secret a service,
which the platform's secret store fills. Nothing secret is in these files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from deploy.containers.compose import host
from deploy.containers.names import IMAGES, WEB_PORT
from deploy.processes import Process, migrations, processes, services

FOLDER = Path(__file__).resolve().parents[1] / "kubernetes"
HEAD = "# Written by `python -m deploy.containers.kubernetes` from deploy/processes.yaml: change that, not this.\n"
METRICS_PORT = 9100
NAMESPACE = "improve-together"
SECRET_ENDINGS = ("_PASSWORD", "_SECRET", "_KEY", "DATABASE_URL", "AWS_ACCESS_KEY_ID")
GRACE_SECONDS = 45
"""Longer than the drain and gunicorn's 25 s after it."""
COPIES = {"web": 2}
SETTINGS = {
    "MODE": "production",
    "LOG_LEVEL": "INFO",
    "PORTAL_URL": "https://improve-together.example",
    "REQUESTS_PER_PERSON": "600",
    "REQUESTS_PER_ADDRESS": "3000",
    "TRUSTED_PROXIES": "1",
    "KAFKA_BOOTSTRAP": "kafka.example:9093",
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
    "S3_BUCKET": "improve-together-files",
    "MAIL_FROM": "no-reply@improve-together.example",
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


def deployment(process: Process) -> dict[str, Any]:
    asks = {"exec": {"command": ["python", "-m", "deploy.healthcheck"]}, "periodSeconds": 15, "timeoutSeconds": 10}
    one = container(process)
    one["ports"] = [{"name": "metrics", "containerPort": METRICS_PORT}]
    if process.role == "web":
        one["ports"].append({"name": "http", "containerPort": WEB_PORT})
        one["readinessProbe"] = {"httpGet": {"path": "/health/ready", "port": "http"}, "periodSeconds": 5}
        one["livenessProbe"] = {"httpGet": {"path": "/health/live", "port": "http"}, "failureThreshold": 6}
    else:
        one["readinessProbe"] = asks
        one["livenessProbe"] = {**asks, "initialDelaySeconds": 60, "failureThreshold": 3}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(host(process.name), process),
        "spec": {
            "replicas": COPIES.get(process.role, 1),
            "selector": {"matchLabels": labels(process)},
            "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": pod(process, one),
        },
    }


def web_service(process: Process) -> list[dict[str, Any]]:
    """The address of a web process inside the cluster, and how many of its pods must stay."""
    name = host(process.name)
    ports = [{"name": "http", "port": WEB_PORT, "targetPort": "http"}]
    kept = {"minAvailable": 1, "selector": {"matchLabels": labels(process)}}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata(name, process),
            "spec": {"selector": labels(process), "ports": ports},
        },
        {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata(name, process), "spec": kept},
    ]


def migration(process: Process) -> dict[str, Any]:
    """Brings the schema up to date; run before the deployments of a release, and safe to run again."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(host(process.name), process),
        "spec": {
            "backoffLimit": 3,
            "ttlSecondsAfterFinished": 86400,
            "template": pod(process, container(process), restartPolicy="Never"),
        },
    }


def policies() -> list[dict[str, Any]]:
    """Nothing may call a pod but: the portal the services, notification the directory, the edge the portal, metrics."""

    def allow(name: str, to: dict[str, str], come: dict[str, Any], port: str) -> dict[str, Any]:
        ingress = [{"from": [come], "ports": [{"port": port}]}]
        spec = {"podSelector": {"matchLabels": to}, "policyTypes": ["Ingress"], "ingress": ingress}
        return policy(name, spec)

    def policy(name: str, spec: dict[str, Any]) -> dict[str, Any]:
        about = {"name": name, "namespace": NAMESPACE}
        return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": about, "spec": spec}

    def pods(**wanted: str) -> dict[str, Any]:
        return {"podSelector": {"matchLabels": wanted}}

    def outside(name: str) -> dict[str, Any]:
        return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}

    return [
        policy("nobody-by-default", {"podSelector": {}, "policyTypes": ["Ingress"]}),
        allow("portal-calls-services", {"role": "web"}, pods(service="portal"), "http"),
        allow(
            "notification-asks-directory",
            {"service": "directory", "role": "web"},
            pods(service="notification", role="scheduler"),
            "http",
        ),
        allow("edge-reaches-portal", {"service": "portal"}, outside("ingress"), "http"),
        allow("collector-reads-metrics", {"app.kubernetes.io/part-of": NAMESPACE}, outside("monitoring"), "metrics"),
    ]


def platform() -> list[dict[str, Any]]:
    """What all services share: the namespace, the settings that are no secret, and who may call whom."""
    about = {"name": NAMESPACE, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}
    named = {"name": "settings", "namespace": NAMESPACE}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": about},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": named, "data": SETTINGS},
        *policies(),
    ]


def documents() -> dict[str, list[dict[str, Any]]]:
    """Every manifest, by the name of its file."""
    found = {"platform.yaml": platform()}
    for name in services():
        own = [each for each in processes() if each.service == name]
        web = [each for each in own if each.role == "web"]
        found[f"{host(name)}.yaml"] = [
            *(migration(each) for each in migrations() if each.service == name),
            *(deployment(each) for each in own),
            *(one for each in web for one in web_service(each)),
        ]
    return found


def render() -> dict[str, str]:
    """The text of every file, by name."""
    written = {}
    for name, manifests in documents().items():
        written[name] = HEAD + "---\n".join(yaml.safe_dump(one, sort_keys=False, width=1000) for one in manifests)
    return written


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, text in render().items():
        (FOLDER / file).write_text(text)
