"""The manifests say what the one list says, are valid for the cluster, and ask for no more rights than needed."""

import copy
import re
from typing import Any

import kubernetes_validate
import pytest

from deploy.containers.compose import host
from deploy.containers.kubernetes import FOLDER, GRACE_SECONDS, SETTINGS, documents, render
from deploy.processes import migrations, processes
from shared.config import MissingSetting, service_config

VERSIONS = ("1.30", "1.37")
QUANTITY = re.compile(r"[1-9]\d*(m|Ki|Mi|Gi)?")
MANIFESTS = [manifest for manifests in documents().values() for manifest in manifests]


def pod_of(manifest: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = manifest["spec"]["template"]["spec"]
    return spec


def running(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in MANIFESTS if one["kind"] == kind}


def quantities(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [str(one) for name in ("requests", "limits") for one in value.get(name, {}).values()]
        own += [str(value["sizeLimit"])] if "sizeLimit" in value else []
        return own + [found for inner in value.values() for found in quantities(inner)]
    return [found for inner in value for found in quantities(inner)] if isinstance(value, list) else []


def test_the_files_are_what_the_list_says() -> None:
    assert {path.name: path.read_text() for path in FOLDER.glob("*.yaml")} == render()


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

    assert set(runs) == set(expected)
    for name, process in expected.items():
        (one,) = pod_of(runs[name])["containers"]
        assert one["args"] == [process.service, process.role]
        assert {setting["name"] for setting in one["env"]} == set(process.settings)


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
