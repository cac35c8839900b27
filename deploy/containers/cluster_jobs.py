"""What runs once in a cluster: filling the servers, bringing schemas up to date, what an operator does now and then.

A Job cannot be changed once it is there, so each has a name of its own: `kubectl create` adds to `generateName`, and
the next release never meets what the last one left. One file a step, because one step must have ended before the next
begins; deploy/kubernetes/README.md says in which order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from deploy.containers.compose import host
from deploy.containers.pods import container, metadata, pod
from deploy.processes import REBUILD, Process, administration, migrations, rebuild

DAY_SECONDS = 86_400
BOOTSTRAP = ("python", "-m", "deploy.containers.bootstrap")
AFTER_RESTORE = ("python", "-m", "infra.after_restore")
DRIFT = ("python", "-m", "infra.kafka", "drift")


def jobs() -> dict[str, list[dict[str, Any]]]:
    """Every Job, by the name of its file."""
    filling, rebuilding = administration(), rebuild()
    looking = replace(filling, settings=tuple(name for name in filling.settings if name.startswith("KAFKA_")))
    return {
        "bootstrap": [job(filling, "bootstrap", BOOTSTRAP)],
        "migrations": [job(each, host(each.name)) for each in migrations()],
        "after-migrations": [job(filling, "after-migrations", (*BOOTSTRAP, "after-migrations"))],
        "renew-passwords": [job(filling, "renew-passwords", (*BOOTSTRAP, "renew"))],
        "after-restore": [job(filling, "after-restore", AFTER_RESTORE)],
        "kafka-drift": [job(looking, "kafka-drift", DRIFT, tries=0)],
        "compare-read-model": [job(rebuilding, "compare-read-model", REBUILD, tries=0)],
        "take-over-read-model": [job(rebuilding, "take-over-read-model", (*REBUILD, "--take-over"), tries=0)],
    }


def job(process: Process, name: str, command: Sequence[str] = (), *, tries: int = 3) -> dict[str, Any]:
    """One run of a command, or of what the image starts for this process; safe to run again."""
    one = container(process)
    if command:
        one = {**one, "command": list(command)}
        del one["args"]
    about = metadata(name, process)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"generateName": f"{about.pop('name')}-", **about},
        "spec": {
            "backoffLimit": tries,
            "ttlSecondsAfterFinished": DAY_SECONDS,
            "template": pod(process, one, restartPolicy="Never"),
        },
    }
