"""Writes deploy/kubernetes/ from `processes.yaml`: the same processes and settings as everywhere, for a cluster.

`python -m deploy.containers.kubernetes` writes the files; a test holds them to the list. In which order they are
applied is said in deploy/kubernetes/README.md. PostgreSQL, Kafka, Keycloak, S3 and SES are the platform's: their
addresses stand in the ConfigMap `settings`, what is secret in a Secret a service, which the platform's secret store
fills. Nothing secret is in these files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from deploy.containers.cluster_jobs import jobs
from deploy.containers.compose import host
from deploy.containers.names import WEB_PORT
from deploy.containers.network_policies import callers, reached
from deploy.containers.pods import METRICS_PORT, NAMESPACE, SETTINGS, container, labels, metadata, pod
from deploy.processes import Process, processes, services

FOLDER = Path(__file__).resolve().parents[1] / "kubernetes"
HEAD = "# Written by `python -m deploy.containers.kubernetes` from deploy/processes.yaml: change that, not this.\n"
COPIES = {"web": 2}
# A probe waits for one of the process's threads as every request does: an answer that takes seconds is a busy pod, and
# to kill it would give its requests to the others. So it leaves the balancer soon, and is killed after two minutes.
READINESS = {"periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 3}
LIVENESS = {"periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 12}


def deployment(process: Process) -> dict[str, Any]:
    asks = {"exec": {"command": ["python", "-m", "deploy.healthcheck"]}, "periodSeconds": 15, "timeoutSeconds": 10}
    one = container(process)
    one["ports"] = [{"name": "metrics", "containerPort": METRICS_PORT}]
    if process.role == "web":
        one["ports"].append({"name": "http", "containerPort": WEB_PORT})
        one["readinessProbe"] = {"httpGet": {"path": "/health/ready", "port": "http"}, **READINESS}
        one["livenessProbe"] = {"httpGet": {"path": "/health/live", "port": "http"}, **LIVENESS}
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


def platform(pods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What all services share: the namespace, the settings that are no secret, who may call whom and reach what."""
    about = {"name": NAMESPACE, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}
    named = {"name": "settings", "namespace": NAMESPACE}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": about},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": named, "data": SETTINGS},
        *callers(),
        *reached(pods),
    ]


def documents() -> dict[str, list[dict[str, Any]]]:
    """Every manifest, by the name of its file."""
    found = {f"jobs/{name}.yaml": made for name, made in jobs().items()}
    for name in services():
        own = [each for each in processes() if each.service == name]
        web = [each for each in own if each.role == "web"]
        found[f"{host(name)}.yaml"] = [
            *(deployment(each) for each in own),
            *(one for each in web for one in web_service(each)),
        ]
    pods = [made for file in found.values() for made in file if made["kind"] in {"Deployment", "Job"}]
    return {"platform.yaml": platform(pods), **found}


def render() -> dict[str, str]:
    """The text of every file, by name."""
    written = {}
    for name, manifests in documents().items():
        written[name] = HEAD + "---\n".join(yaml.safe_dump(one, sort_keys=False, width=1000) for one in manifests)
    return written


if __name__ == "__main__":
    (FOLDER / "jobs").mkdir(parents=True, exist_ok=True)
    for file, text in render().items():
        (FOLDER / file).write_text(text)
