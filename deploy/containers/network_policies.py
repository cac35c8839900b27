"""Who may call whom inside the cluster."""

from __future__ import annotations

from typing import Any

from deploy.containers.pods import NAMESPACE


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
