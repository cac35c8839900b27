"""Who may call whom inside the cluster, and what of the outside each pod may reach."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from deploy.containers.names import WEB_PORT
from deploy.containers.pods import NAMESPACE, SETTINGS

Manifest = dict[str, Any]
OUTSIDE = {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}
"""Anywhere but where a cloud tells a machine its own secrets; a platform that knows its servers names them instead."""
NAMES = {
    "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}],
    "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
}
ONLY_SAID = {"PORTAL_URL", "S3_LINK_ENDPOINT", "OIDC_ISSUER", "WORK_ISSUER", "WORK_AUTHORIZE_URL"}
"""Addresses that a process writes into pages and mails or compares, and does not call."""
HTTPS = 443


def policy(name: str, spec: Manifest) -> Manifest:
    about = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": about, "spec": spec}


def pods(**wanted: str) -> Manifest:
    return {"podSelector": {"matchLabels": wanted}}


def callers() -> list[Manifest]:
    """Nothing may call a pod but: the portal the services, notification the directory, the edge the portal, metrics."""

    def allow(name: str, to: dict[str, str], come: Manifest, port: str) -> Manifest:
        ingress = [{"from": [come], "ports": [{"port": port}]}]
        spec = {"podSelector": {"matchLabels": to}, "policyTypes": ["Ingress"], "ingress": ingress}
        return policy(name, spec)

    def outside(name: str) -> Manifest:
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


def reached(manifests: Iterable[Manifest]) -> list[Manifest]:
    """A pod reaches the names of servers and what its own settings name, and nothing else.

    A package with bad intentions can call nobody outside: no pod but those that use a store of files, the mail service
    or the sign-in service has a way to the port of the web.
    """
    settings: dict[tuple[str, str], list[Manifest]] = {}
    for manifest in manifests:
        template = manifest["spec"]["template"]
        named = template["metadata"]["labels"]
        settings.setdefault((named["service"], named["role"]), []).extend(template["spec"]["containers"][0]["env"])
    nowhere = policy("nowhere-by-default", {"podSelector": {}, "policyTypes": ["Egress"]})
    return [*(_reaches(*pod, environment) for pod, environment in settings.items()), nowhere]


def _reaches(service: str, role: str, environment: Iterable[Manifest]) -> Manifest:
    egress = [NAMES, *_destinations(environment)]
    name = "-".join(dict.fromkeys((service, role))).replace("_", "-") + "-reaches"
    return policy(name, {**pods(service=service, role=role), "policyTypes": ["Egress"], "egress": egress})


def _destinations(environment: Iterable[Manifest]) -> list[Manifest]:
    given = {one["name"]: str(one.get("value", "")) for one in environment}
    ports = sorted({port for name in given if (port := _port_of(name))})
    own = sorted(urlsplit(value).hostname or "" for value in given.values() if value.startswith("http://"))
    services = [host.removesuffix("-web").replace("-", "_") for host in own]
    inside = [{"to": [pods(service=name, role="web")], "ports": [{"port": WEB_PORT}]} for name in services]
    return [*([{"to": [OUTSIDE], "ports": [{"port": port} for port in ports]}] if ports else []), *inside]


def _port_of(name: str) -> int | None:
    """Return the port outside at which a process calls what a setting names; None for a setting that names nobody."""
    if name.endswith("DATABASE_URL") or name == "POSTGRES_ADDRESS":
        return int(SETTINGS["POSTGRES_ADDRESS"].rpartition(":")[2])
    value = SETTINGS.get(name, "")
    if name == "KAFKA_BOOTSTRAP":
        return int(value.rpartition(":")[2])
    if name in ONLY_SAID or "://" not in value:
        return None
    return urlsplit(value).port or HTTPS
