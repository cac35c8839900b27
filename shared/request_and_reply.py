"""What every route reads from a request, and how it answers."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from flask import Response, g, request
from flask.json.provider import JSONProvider

from shared.clock import local_day
from shared.problems import Invalid, VersionRequired

VERSION = re.compile(r"[0-9]{1,9}")
"""Not `isdigit`: that lets superscripts through, and numbers that no column of ours could hold."""


def encode(value: Any) -> bytes:
    """Return `value` as JSON bytes: ids as text, dates and instants in ISO 8601, instants in UTC ending in Z."""
    return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class OrjsonProvider(JSONProvider):
    """Flask's JSON through orjson: a third faster on every answer."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """Return `obj` as JSON text."""
        return encode(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Return what JSON text holds."""
        return orjson.loads(s)


def reply(payload: Any, status: int = 200, *, etag: int | None = None) -> Response:
    """Answer with JSON; `etag` is the version of the one resource in the payload."""
    response = Response(encode(payload), status=status, content_type="application/json")
    if etag is not None:
        response.headers["ETag"] = f'"{etag}"'
    return response


def if_match() -> int:
    """Return the version the request says it changes; raises VersionRequired (428) when it says none."""
    value = request.headers.get("If-Match", "").strip().strip('"')
    if not VERSION.fullmatch(value):
        raise VersionRequired
    return int(value)


def cursor_after(items: Sequence[Mapping[str, Any]], limit: int, field: str) -> str | None:
    """Return the cursor of the next page: the last row's `field`, when the page is full."""
    return str(items[-1][field]) if len(items) == limit else None


def last_shown(cursor: str) -> UUID:
    """Return the id after which a list goes on, from a cursor that is one; raises Invalid for one that is none."""
    try:
        return UUID(cursor)
    except ValueError as error:
        raise Invalid("cursor", "Go on with the cursor that the page before gave.") from error


def now() -> datetime:
    """Return the instant at which this request began."""
    instant: datetime = g.now
    return instant


def today() -> date:
    """Return the day on which this request began, where its people are."""
    return local_day(now())
