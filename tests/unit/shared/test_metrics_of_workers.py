"""Counts of web workers that ended are kept; their files are not."""

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client.multiprocess import MultiProcessCollector

from shared.metrics import fold_worker

REQUESTS = """
from shared.metrics import REQUEST_SECONDS
for seconds in (0.001, 0.2):
    REQUEST_SECONDS.labels("GET", "/v1/rounds", 200).observe(seconds)
"""


def worker_that_answered_two(folder: Path) -> int:
    """Run a process that counts two requests as a web worker does; return its id."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    worker = subprocess.Popen([sys.executable, "-c", REQUESTS], env=environment)
    assert worker.wait() == 0
    return worker.pid


def counted(folder: Path) -> dict[str, float]:
    """Return the samples of the requests' times, as a collector reads them."""
    metrics = MultiProcessCollector(None, str(folder)).collect()  # type: ignore[no-untyped-call]
    found = next(metric for metric in metrics if metric.name == "http_request_seconds")
    return {f"{sample.name} {sample.labels.get('le', '')}".strip(): sample.value for sample in found.samples}


def test_what_workers_counted_is_kept_when_they_have_ended(tmp_path: Path) -> None:
    workers = [worker_that_answered_two(tmp_path) for _ in range(3)]
    before = counted(tmp_path)

    for worker in workers[:2]:
        fold_worker(tmp_path, worker)

    assert before["http_request_seconds_count"] == 6
    assert before["http_request_seconds_bucket 0.005"] == 3
    assert counted(tmp_path) == before


def test_no_file_of_a_worker_that_ended_is_left(tmp_path: Path) -> None:
    for _ in range(2):
        fold_worker(tmp_path, worker_that_answered_two(tmp_path))

    assert {file.name for file in tmp_path.iterdir()} <= {"counter_0.db", "histogram_0.db"}
