"""Every process of the running system shows the metrics of its role, and nothing that names a tenant."""

import re

import pytest
import requests

from deploy.local.environment import metrics_port
from deploy.local.system import System
from deploy.processes import Process, processes

OF_ROLE = {
    "web": {"http_request_seconds"},
    "relay": {"schema_behind", "outbox_oldest_age_seconds", "outbox_unpublished_count", "outbox_dead_tuples"},
    "consumer": {"schema_behind", "consumer_lag", "consumer_paused"},
    "scheduler": {
        "schema_behind",
        "due_work_late_seconds",
        "due_work_failed_count",
        "dead_letters_open",
        "parked_events_count",
        "audit_unsealed_age_seconds",
        "database_xmin_age_transactions",
    },
}
LABELS = {"method", "route", "status", "le", "topic", "partition", "type", "outcome", "reason", "kind", "pid"}
OF_PYTHON = ("python_", "process_")


def shown(system: System, process: Process) -> str:
    return requests.get(f"http://127.0.0.1:{metrics_port(system.profile, process)}/metrics", timeout=10).text


@pytest.mark.parametrize("process", processes(), ids=lambda process: str(process.name))
def test_a_process_shows_the_metrics_of_its_role(system: System, process: Process) -> None:
    text = shown(system, process)

    for name in OF_ROLE[process.role]:
        assert re.search(rf"^# TYPE {name} ", text, re.MULTILINE), name


@pytest.mark.parametrize("process", processes(), ids=lambda process: str(process.name))
def test_no_metric_names_a_tenant_or_a_person(system: System, process: Process) -> None:
    samples = [line for line in shown(system, process).splitlines() if not line.startswith(("#", *OF_PYTHON))]
    labels = {name for line in samples for name in re.findall(r'[{,](\w+)="', line)}

    assert samples
    assert labels <= LABELS
