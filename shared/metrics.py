"""The names and meanings of our metrics, in one file. Labels never carry a tenant: per-tenant views come from SQL.

Which process exports what: a web process `http_request_seconds`, a relay `outbox_…` and `relay_…`, a consumer
`consumer_…`, `event_…`, `handler_…`, `inbox_…` and `dead_letters_total`, a scheduler the rest, and each of these three
`schema_behind`. Alerts rest on these names (deploy/alerts.yaml); a test holds the two together.
"""

import logging
import threading
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, Metric, start_http_server
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

OUTBOX_WAITING = Gauge("outbox_unpublished_count", "Events read from the outbox in the last turn")
OUTBOX_OLDEST = Gauge("outbox_oldest_age_seconds", "Age of the oldest event not yet sent: the alert")
OUTBOX_DEAD_TUPLES = Gauge("outbox_dead_tuples", "Sent rows that PostgreSQL has not cleared away yet")
RELAY_SECONDS = Histogram("relay_publish_seconds", "Time from the first send of a batch to its last acknowledgement")
CONSUMER_LAG = Gauge("consumer_lag", "Records ahead of this member", ["topic", "partition"])
END_TO_END = Histogram("event_end_to_end_seconds", "From ce_time to the end of handling", ["type"])
HANDLER_SECONDS = Histogram("handler_seconds", "Time of one handler", ["type", "outcome"])
DUPLICATES = Counter("inbox_duplicates_total", "Events that came again and were skipped")
DEAD_LETTERS = Counter("dead_letters_total", "Events set aside for good", ["reason"])
PAUSED = Gauge("consumer_paused", "1 while the consumer waits for a database that is away")
DUE_DONE = Counter("due_work_done_total", "Due work carried out", ["kind", "outcome"])
KEPT_LONG_ENOUGH = Counter("kept_long_enough_deleted_total", "Rows deleted as the time to keep them was over", ["kind"])
DUE_LATE = Gauge("due_work_late_seconds", "How long the oldest piece of due work has waited past its time")
DUE_FAILED = Gauge("due_work_failed_count", "Due work that was given up and waits for an operator")
DEAD_LETTERS_OPEN = Gauge("dead_letters_open", "Dead letters that nobody has resolved")
PARKED = Gauge("parked_events_count", "Events that wait for what must come first")
UNSEALED_AGE = Gauge("audit_unsealed_age_seconds", "Age of the oldest audit row that is not sealed yet")
AUDIT_HEADS_MISSING = Gauge("audit_heads_missing_count", "Tenants whose audit trail lacks a head that was kept outside")
AUDIT_HEADS_UNKEPT = Gauge("audit_heads_unkept_count", "Heads of audit trails that could not be kept outside yet")
SCHEMA_BEHIND = Gauge("schema_behind", "1 while this process begins nothing, because its schema is not migrated yet")
XMIN_AGE = Gauge("database_xmin_age_transactions", "Transactions since the oldest one that still holds back cleaning")
REQUEST_SECONDS = Histogram(
    "http_request_seconds",
    "Time of one request",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
OF_WEB = ("http_",)
NO_PID = 0
"""Stands for all workers that have ended, in the names of files that the library gives a worker's id."""
_FOLDING = threading.Lock()
"""Whoever reads meanwhile would find a worker's counts twice, or not at all."""
log = logging.getLogger(__name__)


def serve_metrics(address: str, port: int, registry: CollectorRegistry = REGISTRY) -> None:
    """Answer a collector at `address`:`port`; a port that is taken is logged, since nobody's work may stop for it."""
    try:
        start_http_server(port, addr=address, registry=registry)
    except OSError as error:
        log.exception("Metrics are not shown", extra={"port": port, "error": type(error).__name__})


class _Workers:
    """What the workers of one web process wrote, together; a worker's unused gauges of other roles are left out."""

    def __init__(self) -> None:
        self._all = MultiProcessCollector(None)  # type: ignore[no-untyped-call]

    def collect(self) -> Iterable[Metric]:
        """Return the metrics that a web process has."""
        with _FOLDING:
            found = self._all.collect()  # type: ignore[no-untyped-call]
        return [metric for metric in found if metric.name.startswith(OF_WEB)]


def serve_metrics_of_workers(address: str, port: int) -> None:
    """Answer a collector with the sums over all workers of this web process; called in their parent process."""
    registry = CollectorRegistry()
    registry.register(_Workers())
    serve_metrics(address, port, registry)


def fold_worker(folder: Path, pid: int) -> None:
    """Add what a worker that has ended counted to what those before it counted, and remove its files.

    Workers are replaced all the time, and a worker's files lie in memory; the library removes none that we use.
    """
    with _FOLDING:
        for file in folder.glob(f"*_{pid}.db"):
            kind = file.name.partition("_")[0]
            if kind != "gauge":
                _add_up(file, folder / f"{kind}_{NO_PID}.db")
            file.unlink()


def _add_up(ended: Path, sums: Path) -> None:
    into = MmapedDict(str(sums))  # type: ignore[no-untyped-call]
    for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(ended):  # type: ignore[no-untyped-call]
        before, _ = into.read_value(key)  # type: ignore[no-untyped-call]
        into.write_value(key, before + value, timestamp)  # type: ignore[no-untyped-call]
    into.close()  # type: ignore[no-untyped-call]
