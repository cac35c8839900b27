"""The manifests say what the one list says, are valid for the cluster, and ask for no more rights than needed."""

import copy
import re
from ipaddress import ip_address, ip_network
from typing import Any

import kubernetes_validate
import pytest

from deploy.containers.compose import host
from deploy.containers.kubernetes import FOLDER, documents, render
from deploy.containers.pods import GRACE_SECONDS, SETTINGS
from deploy.processes import administration, migrations, processes, rebuild
from infra.postgres.roles import SERVICES
from shared.catalogue import topics_read_by
from shared.config import MissingSetting, service_config

VERSIONS = ("1.30", "1.37")
QUANTITY = re.compile(r"[1-9]\d*(m|Ki|Mi|Gi)?")
BOOTSTRAP = ("deploy.containers.bootstrap",)
COMMANDS = {
    "bootstrap": (BOOTSTRAP, administration()),
    "after-migrations": ((*BOOTSTRAP, "after-migrations"), administration()),
    "renew-passwords": ((*BOOTSTRAP, "renew"), administration()),
    "after-restore": (("infra.after_restore",), administration()),
    "kafka-drift": (("infra.kafka", "drift"), administration()),
    "compare-read-model": (("services.insight.rebuild",), rebuild()),
    "take-over-read-model": (("services.insight.rebuild", "--take-over"), rebuild()),
}
MANIFESTS = [manifest for manifests in documents().values() for manifest in manifests]


def pod_of(manifest: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = manifest["spec"]["template"]["spec"]
    return spec


def running(kind: str) -> dict[str, dict[str, Any]]:
    return {name_of(one): one for one in MANIFESTS if one["kind"] == kind}


def name_of(manifest: dict[str, Any]) -> str:
    about = manifest["metadata"]
    return str(about["name"] if "name" in about else about["generateName"].removesuffix("-"))


def quantities(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [str(one) for name in ("requests", "limits") for one in value.get(name, {}).values()]
        own += [str(value["sizeLimit"])] if "sizeLimit" in value else []
        return own + [found for inner in value.values() for found in quantities(inner)]
    return [found for inner in value for found in quantities(inner)] if isinstance(value, list) else []


def test_the_files_are_what_the_list_says() -> None:
    assert {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.yaml")} == render()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_valid_to_the_last_field(version: str) -> None:
    for manifest in MANIFESTS:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_the_check_finds_a_field_that_does_not_exist() -> None:
    wrong = copy.deepcopy(next(one for one in MANIFESTS if one["kind"] == "Deployment"))
    wrong["spec"]["replica"] = 2

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[0], strict=True)


def test_quantities_and_selectors_are_right() -> None:
    assert quantities(MANIFESTS)
    assert [one for one in quantities(MANIFESTS) if not QUANTITY.fullmatch(one)] == []
    for manifest in running("Deployment").values():
        wanted, template = (
            manifest["spec"]["selector"]["matchLabels"],
            manifest["spec"]["template"]["metadata"]["labels"],
        )
        assert wanted == template == manifest["metadata"]["labels"]
    for name, manifest in running("Service").items():
        assert manifest["spec"]["selector"] == running("Deployment")[name]["spec"]["selector"]["matchLabels"]


def test_every_process_runs_with_exactly_its_settings() -> None:
    runs = {**running("Deployment"), **running("Job")}
    expected = {host(each.name): each for each in (*processes(), *migrations())}

    assert set(runs) - set(expected) == set(COMMANDS)
    for name, process in expected.items():
        (one,) = pod_of(runs[name])["containers"]
        assert one["args"] == [process.service, process.role]
        assert {setting["name"] for setting in one["env"]} == set(process.settings)


def test_what_fills_the_servers_runs_in_a_cluster_too() -> None:
    for name, (command, process) in COMMANDS.items():
        pod = pod_of(running("Job")[name])
        (one,) = pod["containers"]

        assert [*one["command"], *one.get("args", ())] == ["python", "-m", *command]
        assert {setting["name"] for setting in one["env"]} <= set(process.settings), name
        assert pod["restartPolicy"] == "Never"
    for name in ("bootstrap", "after-migrations", "compare-read-model"):
        (one,) = pod_of(running("Job")[name])["containers"]
        assert {setting["name"] for setting in one["env"]} == set(COMMANDS[name][1].settings)


def test_a_second_release_meets_no_job_of_the_first_and_no_deployment_comes_before_its_step() -> None:
    """A Job cannot be changed, so each run needs a name of its own; one file holds one step of the order."""
    for file, manifests in documents().items():
        kinds = {one["kind"] for one in manifests}
        assert kinds == {"Job"} if file.startswith("jobs/") else "Job" not in kinds, file
    assert all("name" not in one["metadata"] for one in running("Job").values())


def test_a_busy_web_process_leaves_the_balancer_and_is_not_killed() -> None:
    """Probes wait for a thread as requests do; the default of one second would kill pods for being asked a lot."""
    webs = [one for one in running("Deployment").values() if one["metadata"]["labels"]["role"] == "web"]
    assert len(webs) == len(SERVICES)
    for manifest in webs:
        (one,) = pod_of(manifest)["containers"]
        ready, live = one["readinessProbe"], one["livenessProbe"]
        assert ready["timeoutSeconds"] == live["timeoutSeconds"] == 5
        assert ready["periodSeconds"] * ready["failureThreshold"] <= 20
        assert live["periodSeconds"] * live["failureThreshold"] >= 120


def test_the_readme_names_every_secret_and_key_that_must_exist_and_every_step() -> None:
    text = (FOLDER / "README.md").read_text()
    asked = set()
    for manifest in (*running("Deployment").values(), *running("Job").values()):
        pod = pod_of(manifest)
        asked |= {volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume}
        for setting in pod["containers"][0]["env"]:
            reference = setting.get("valueFrom", {}).get("secretKeyRef")
            asked |= {reference["key"], reference["name"]} if reference else set()
    services = "|".join(sorted((name for one in SERVICES for name in (host(one), one.upper())), key=len, reverse=True))

    def named(name: str) -> bool:
        every = re.sub(services, lambda found: "<SERVICE>" if found[0].isupper() else "<service>", name)
        return f"`{name}`" in text or f"`{every}`" in text

    assert {"portal-secrets", "bootstrap-secrets", "authorities", "POSTGRES_PASSWORD"} <= asked
    assert sorted(name for name in asked if not named(name)) == []
    assert [name for name in ("kafka.crt", "postgres.crt") if f"`{name}`" not in text] == []
    steps = [text.index(f"finish {name}") for name in ("bootstrap", "migrations", "after-migrations")]
    assert steps == sorted(steps)
    assert steps[-1] < text.index("&& release ")


def test_every_service_is_released_once_and_nobody_after_whoever_they_read() -> None:
    """Which two must not go in one step: test_order_of_a_release.py."""
    text = (FOLDER / "README.md").read_text()
    steps = [line.replace("-", "_").split() for line in re.findall(r"^  && release ([a-z -]+)", text, re.MULTILINE)]
    step_of = {service: number for number, services in enumerate(steps) for service in services}

    assert sorted(service for services in steps for service in services) == sorted(SERVICES)
    read = [(service, topic) for service in step_of for topic in topics_read_by(service)]
    assert [(service, topic.name) for service, topic in read if step_of[topic.owner] < step_of[service]] == []


def test_settings_come_from_where_they_belong() -> None:
    for manifest in (*running("Deployment").values(), *running("Job").values()):
        for setting in pod_of(manifest)["containers"][0]["env"]:
            source = setting.get("valueFrom", {})
            if re.search(r"PASSWORD|SECRET|_KEY$|DATABASE_URL", setting["name"]):
                assert set(source) == {"secretKeyRef"}, setting["name"]
            elif "configMapKeyRef" in source:
                assert source["configMapKeyRef"]["key"] in SETTINGS


def test_no_pod_may_do_more_than_its_work() -> None:
    for manifest in (*running("Deployment").values(), *running("Job").values()):
        pod = pod_of(manifest)
        (one,) = pod["containers"]

        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        assert one["securityContext"]["readOnlyRootFilesystem"]
        assert one["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert pod["terminationGracePeriodSeconds"] == GRACE_SECONDS > 10 + 25


def test_a_process_of_production_refuses_plaintext() -> None:
    values = {
        **SETTINGS,
        "DATABASE_URL": "postgresql+psycopg://app@db/impact?sslmode=verify-full",
        "KAFKA_USERNAME": "assessment",
        "KAFKA_PASSWORD": "only-for-tests",
    }

    assert service_config("assessment", "consumer", values).kafka is not None
    for plaintext in (
        {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"},
        {"DATABASE_URL": "postgresql+psycopg://app@db/impact"},
        {"DATABASE_URL": "postgresql+psycopg://app@db/impact?sslmode=require"},
    ):
        with pytest.raises(MissingSetting, match="In production"):
            service_config("assessment", "consumer", values | plaintext)


@pytest.mark.parametrize("name", [name for name, value in SETTINGS.items() if value.startswith("https://")])
def test_a_process_of_production_calls_nobody_and_is_called_by_nobody_in_clear(name: str) -> None:
    values = {**SETTINGS, "DATABASE_URL": "postgresql+psycopg://app@db/impact?sslmode=verify-full"}

    assert service_config("assessment", "web", values).portal_url == SETTINGS["PORTAL_URL"]
    with pytest.raises(MissingSetting, match=f"In production {name} must"):
        service_config("assessment", "web", values | {name: SETTINGS[name].replace("https", "http")})


def test_pages_of_production_have_an_address_over_https() -> None:
    values = {**SETTINGS, "DATABASE_URL": "postgresql+psycopg://app@db/impact?sslmode=verify-full"}
    del values["PORTAL_URL"]

    with pytest.raises(MissingSetting, match="PORTAL_URL"):
        service_config("portal", "web", values)


def test_a_pod_reaches_the_servers_of_its_settings_and_nothing_else() -> None:
    """Also each pod is chosen by exactly one rule, and whoever is forgotten reaches nobody."""
    rules = {
        (chosen["service"], chosen["role"]): rule["spec"]["egress"]
        for rule in MANIFESTS
        if rule["kind"] == "NetworkPolicy" and rule["spec"]["policyTypes"] == ["Egress"]
        if (chosen := rule["spec"]["podSelector"].get("matchLabels"))
    }
    pods = [one["spec"]["template"] for one in (*running("Deployment").values(), *running("Job").values())]

    assert {(pod["metadata"]["labels"]["service"], pod["metadata"]["labels"]["role"]) for pod in pods} == set(rules)
    assert {
        name: {port["port"] for to in egress for port in to["ports"]} - {53}
        for name, egress in rules.items()
        if name[0] in {"insight", "notification"} or name == ("assessment", "scheduler")
    } == {
        ("insight", "migrate"): {5432},
        ("insight", "rebuild"): {5432, 9093},
        ("insight", "web"): {443, 5432},
        ("insight", "relay"): {5432, 9093},
        ("insight", "consumer"): {5432, 9093},
        ("insight", "scheduler"): {443, 5432},
        ("assessment", "scheduler"): {443, 3310, 5432},
        ("notification", "migrate"): {5432},
        ("notification", "web"): {443, 5432},
        ("notification", "relay"): {5432, 9093},
        ("notification", "consumer"): {5432, 9093},
        ("notification", "scheduler"): {443, 5432, 8080},
    }
    nowhere = next(one for one in MANIFESTS if one["metadata"].get("name") == "nowhere-by-default")
    assert nowhere["spec"] == {"podSelector": {}, "policyTypes": ["Egress"]}


def test_no_pod_reaches_where_a_cloud_keeps_a_machines_own_secrets() -> None:
    blocks = [
        to["ipBlock"]
        for rule in MANIFESTS
        if rule["kind"] == "NetworkPolicy"
        for way in rule["spec"].get("egress", ())
        for to in way["to"]
        if "ipBlock" in to
    ]

    assert blocks
    assert all(ip_address("169.254.169.254") in ip_network(block["except"][0]) for block in blocks)
