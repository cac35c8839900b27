"""Logs as JSON lines and traces that follow a request over the outbox into every consumer.

OpenTelemetry's SDK runs without an exporter (the API alone yields no trace id), so that its spans carry ids and record
nothing; the trace id and the request id stand in every line. Nothing is logged but static text and ids: no payload, no
name, no token.
"""

import logging
import secrets
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import g, has_request_context
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.logged_errors import told

STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_propagator = TraceContextTextMapPropagator()
_tracer = TracerProvider(sampler=ALWAYS_OFF).get_tracer("shared")
"""Nobody receives what a span would record; recording it all the same took 7 % of a saved answer's Python."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line; whatever a caller passes as `extra` becomes members of it."""

    def __init__(self, service: str, role: str) -> None:
        super().__init__()
        self._fixed = {"service": service, "role": role}

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`, without line breaks inside."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            **self._fixed,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace_id := current_trace_id():
            line["trace_id"] = trace_id
        if has_request_context() and (request_id := g.get("request_id")):
            line["request_id"] = request_id
        line |= {name: value for name, value in record.__dict__.items() if name not in STANDARD}
        if record.exc_info:
            line["error"] = told(record.exc_info[1]) if record.exc_info[1] is not None else ""
        return orjson.dumps(line, default=str).decode()


def configure_logging(service: str, role: str, level: str) -> None:
    """Send all logs of this process to standard output as JSON lines."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service, role))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("kafka").setLevel("ERROR")
    logging.getLogger("werkzeug").setLevel("WARNING")
    for name in ("boto3", "botocore", "urllib3"):  # at DEBUG they write addresses of files, and what signs them
        logging.getLogger(name).setLevel("WARNING")


def current_trace_id() -> str | None:
    """Return the trace id of the current span in hexadecimal, or None outside one."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def current_traceparent() -> str | None:
    """Return the W3C `traceparent` of the current span, or None outside one."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


def new_traceparent() -> str:
    """Return the `traceparent` of a trace that begins here, for work that no request caused."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


class span_from:  # noqa: N801 - used as a `with` statement, where a verb phrase reads best
    """Open a span whose parent is a `traceparent` from outside (a request's header, an event's header)."""

    def __init__(self, name: str, traceparent: str | None) -> None:
        self._name = name
        self._parent = _propagator.extract({"traceparent": traceparent}) if traceparent else otel_context.Context()

    def __enter__(self) -> None:
        span = _tracer.start_span(self._name, context=self._parent)
        self._outer = otel_context.attach(trace.set_span_in_context(span, self._parent))

    def __exit__(self, *error: Any) -> None:
        otel_context.detach(self._outer)
