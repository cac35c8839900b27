"""Alerts, metrics and runbooks belong together: none rests on a name that is not there."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import prometheus_client
import pytest
import yaml

from deploy.containers.compose import host
from deploy.processes import migrations, processes, rebuild
from shared import metrics

ROOT = Path(__file__).resolve().parents[2]
RUNBOOKS = ROOT / "docs" / "runbooks"
KUBERNETES = ROOT / "deploy" / "kubernetes"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((ROOT / "deploy" / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
]
OF_THE_LANGUAGE = {"max", "sum", "rate", "by", "service", "job", "status", "up"}
"""Words of Prometheus' query language that our rules use, its own metric `up`, and our labels."""
DURATION = re.compile(r"[1-9]\d*[smh]")
COMMAND = re.compile(r"python -m ([a-z_.]+)(?: (?:assessment|notification))?(?: ([a-z-]+))?")


def exported() -> set[str]:
    """Every name under which `shared.metrics` shows something."""
    families = prometheus_client.REGISTRY.collect()
    return (
        {sample.name for family in families for sample in family.samples}
        | {
            f"{name}{ending}"
            for name, metric in vars(metrics).items()
            if isinstance(metric, prometheus_client.Histogram)
            for name in [metric._name]
            for ending in ("_count", "_sum", "_bucket")
        }
        | {metric._name for metric in vars(metrics).values() if isinstance(metric, prometheus_client.Gauge)}
    )


def names_in(expression: str) -> set[str]:
    without_values = re.sub(r'"[^"]*"|\[[^\]]*\]', "", expression)
    return set(re.findall(r"[a-z_][a-z0-9_]*", without_values)) - OF_THE_LANGUAGE


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_is_complete_and_rests_on_a_metric_that_a_process_shows(rule: dict[str, Any]) -> None:
    names = names_in(rule["expr"])

    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert DURATION.fullmatch(rule["for"])
    assert rule["expr"].count("(") == rule["expr"].count(")")
    assert re.search(r"(>|==) [0-9.]+$", rule["expr"])
    assert names <= exported()


def test_each_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_quiet() -> None:
    cases = yaml.safe_load((ROOT / "deploy" / "alerts.test.yaml").read_text())["tests"]
    tried = {(test["alertname"], bool(test["exp_alerts"])) for case in cases for test in case["alert_rule_test"]}

    assert tried == {(rule["alert"], fires) for rule in RULES for fires in (True, False)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_and_its_runbook_name_each_other(rule: dict[str, Any]) -> None:
    runbook = (ROOT / rule["annotations"]["runbook"]).read_text()

    assert f"`{rule['alert']}`" in next(line for line in runbook.splitlines() if line.startswith("Alert"))


def test_every_trouble_that_must_be_noticed_has_its_alert() -> None:
    noticed = {name for rule in RULES for name in names_in(rule["expr"])}

    assert {
        "outbox_oldest_age_seconds",
        "consumer_lag",
        "dead_letters_open",
        "due_work_late_seconds",
        "audit_unsealed_age_seconds",
        "audit_heads_missing_count",
        "audit_heads_unkept_count",
        "database_xmin_age_transactions",
        "schema_behind",
    } <= noticed


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.md")), ids=lambda path: str(path.stem))
def test_a_runbook_says_when_it_is_meant_and_names_only_commands_and_files_that_exist(path: Path) -> None:
    text = path.read_text()

    for module, command in COMMAND.findall(text):
        assert importlib.util.find_spec(module) is not None, module
        source = ROOT / (module.replace(".", "/") + ".py")
        source = source if source.exists() else ROOT / module.replace(".", "/") / "__main__.py"
        if module.startswith(("shared.", "infra.")) and command:
            assert f'"{command}"' in source.read_text(), f"{module} {command}"
    for target in re.findall(r"`make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    for file in re.findall(r"`((?:tests|docs|deploy|shared)/[\w/.-]+)`", text):
        assert (ROOT / file).exists(), file
    for link in re.findall(r"\]\(([\w./-]+)\)", text):
        assert (RUNBOOKS / link).exists(), link
    if path.stem != "README":
        assert "When:" in text


def blocks() -> dict[str, list[str]]:
    """The lines that are typed, by runbook."""
    found = {path.stem: re.findall(r"```sh\n(.*?)```", path.read_text(), re.DOTALL) for path in RUNBOOKS.glob("*.md")}
    return {
        name: [line.strip() for block in own for line in re.split(r"\n|&&", block) if line.strip()]
        for name, own in found.items()
        if own and name != "README"
    }


@pytest.mark.parametrize(
    ("runbook", "lines"), sorted(blocks().items()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_is_typed_is_there_for_every_way_of_running_and_names_what_exists(runbook: str, lines: list[str]) -> None:
    local = {each.name for each in (*processes(), *migrations(), rebuild())} | {"bootstrap", "realm"}
    in_containers = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    deployed = {host(each.name) for each in processes()}
    text = "\n".join(lines)

    assert any(word in text for word in ("finish ", "cluster "))
    if runbook not in {"restore", "key-rotation"}:  # a demonstration has no backup; one machine keeps its passwords
        assert "compose " in text
        assert "here " in text or runbook == "consumer-lag"
    assert set(re.findall(r"here (?:run|stop|start|restart) (\S+)", text)) <= local
    assert set(re.findall(r"finish (\S+)", text)) <= {path.stem for path in (KUBERNETES / "jobs").glob("*.yaml")}
    assert set(re.findall(r"deploy/(\S+)", text)) - {"requirements.lock"} <= deployed
    for line in re.findall(r"compose (?:run|exec|restart|up|stop|start) (.*)", text):
        words = [word for word in re.sub(r"--(entrypoint|scale) \S+", "", line).split() if not word.startswith("-")]
        assert words[0] in in_containers, line


def test_the_words_that_the_lines_begin_with_are_explained() -> None:
    text = (RUNBOOKS / "README.md").read_text()

    assert re.findall(r"^(\w+)\(\)", text, re.MULTILINE) == ["here", "compose", "cluster"]
    assert "finish()" in (KUBERNETES / "README.md").read_text()


def test_only_a_cluster_restarts_what_stands_still_and_the_runbook_says_so() -> None:
    text = " ".join((RUNBOOKS / "process-silent.md").read_text().split())

    assert "Only a cluster restarts what is not well" in text
    assert "here restart assessment-relay" in text
    assert "compose restart assessment-relay" in text


def test_every_runbook_is_in_the_list() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", (RUNBOOKS / "README.md").read_text()))

    assert listed == {path.name for path in RUNBOOKS.glob("*.md")} - {"README.md"}
