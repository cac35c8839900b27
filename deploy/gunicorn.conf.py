"""Settings of every web process; figures and reasons: docs/adr/0002-web-workers.md."""

import os
from pathlib import Path
from typing import Any

bind = f"{os.environ.get('BIND_ADDRESS', '127.0.0.1')}:{os.environ['PORT']}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "deploy.arrivals.ArrivalsWorker"  # threads, but none that waits for a slow connection
threads = int(os.environ.get("WEB_THREADS", "8"))
keepalive = 30
timeout = 30
graceful_timeout = 25  # below the 30 s and more that orchestrator and supervisor allow after the drain
max_requests = 20_000
max_requests_jitter = 2_000
preload_app = False  # database engines and broker clients must be made after the fork
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - heartbeat files belong in memory
control_socket_disable = True
accesslog = None  # the service writes one JSON line a request, with its trace
errorlog = "-"


def when_ready(server: Any) -> None:
    """Show what the workers measured, on a port of its own that no balancer knows."""
    from shared.metrics import serve_metrics_of_workers

    if port := os.environ.get("METRICS_PORT"):
        serve_metrics_of_workers(os.environ.get("BIND_ADDRESS", "127.0.0.1"), int(port))


def child_exit(server: Any, worker: Any) -> None:
    """Keep what a worker counted, and nothing else of it."""
    from shared.metrics import fold_worker

    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        fold_worker(Path(folder), worker.pid)
