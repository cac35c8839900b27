"""Calling the services' APIs as the person who is signed in.

One HTTP session for the process, time-outs on every call. A service's problem+json becomes one of a few exceptions; the
frame turns each into a page, so that a page function says only what it wants.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import orjson
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from services.portal.config import APIS

TIME_OUT = (2.0, 10.0)
"""Seconds to connect and to wait for an answer; a hung thread is never killed, so nothing may wait for ever."""


class ApiProblem(Exception):
    """A service said no. `slug` is the last part of the problem's type."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.slug = str(problem.get("type", "")).rsplit("/", 1)[-1]
        self.title = str(problem.get("title") or "There is a problem")
        self.detail = str(problem.get("detail") or self.title)
        self.errors: list[dict[str, str]] = [
            {"field": str(error.get("field") or ""), "message": str(error.get("message") or "")}
            for error in problem.get("errors") or []
        ]
        self.faults: list[dict[str, Any]] = list(problem.get("faults") or [])
        self.current: dict[str, Any] = dict(problem.get("current") or {})
        super().__init__(f"{status} {self.slug}")


class Refused(ApiProblem):
    """What was asked breaks a rule (400, 409, 422): the form comes back with the message."""


class Stale(ApiProblem):
    """Somebody else saved first (412); `current` holds what is there now."""


class StepUpNeeded(ApiProblem):
    """The act needs a sign-in confirmed within the last ten minutes."""


class NotThere(ApiProblem):
    """Not visible to this person, or not there at all: the same answer (404)."""


class NotAllowed(ApiProblem):
    """Visible, but the role is missing (403)."""


class TokenRefused(ApiProblem):
    """The service did not accept our token (401)."""


class TooMany(ApiProblem):
    """More requests than a person makes (429); nothing was done."""

    retry_after: int = 60


class ServiceAway(Exception):
    """A service does not answer, or answers that it cannot (5xx). Nothing is known to have been done."""

    def __init__(self, service: str, reason: str) -> None:
        self.service = service
        super().__init__(f"{service}: {reason}")


BY_STATUS: dict[int, type[ApiProblem]] = {401: TokenRefused, 403: NotAllowed, 404: NotThere, 412: Stale, 429: TooMany}


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a service."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    version: int | None = None
    key: str | None = None
    file: tuple[str, IO[bytes]] | None = None
    question: bool = False


class Transport:
    """The process's one HTTP session to all services."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls
        self._http = requests.Session()
        self._http.trust_env = False  # our services stand behind no proxy, and looking for one takes a tenth of a call
        retry = Retry(total=1, connect=1, read=0, status=0, backoff_factor=0.1)
        self._http.mount("http://", HTTPAdapter(pool_maxsize=32, max_retries=retry))
        self._http.mount("https://", HTTPAdapter(pool_maxsize=32, max_retries=retry))

    def send(self, service: str, call: Call, headers: Mapping[str, str]) -> requests.Response:
        """Send one call; raises ServiceAway when there is no answer, ApiProblem when the answer is no."""
        sent = dict(headers) | _headers_of(call)
        if call.file:
            call.file[1].seek(0)  # a call that is sent again sends the whole file again
        try:
            answer = self._http.request(
                call.method,
                f"{self._urls[service]}/v1{call.path}",
                params={name: value for name, value in call.query.items() if value is not None},
                data=call.body if call.body is None or call.file else orjson.dumps(call.body),
                files={"file": call.file} if call.file else None,
                headers=sent,
                timeout=TIME_OUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise ServiceAway(service, type(error).__name__) from error
        if answer.status_code >= 500:
            raise ServiceAway(service, f"answered {answer.status_code}")
        if answer.status_code >= 400:
            raise _problem(answer)
        return answer


def _headers_of(call: Call) -> dict[str, str]:
    headers = {"Accept": "application/json"}
    if call.body is not None and call.file is None:
        headers["Content-Type"] = "application/json"
    if call.version is not None:
        headers["If-Match"] = f'"{call.version}"'
    if call.key is not None:
        headers["Idempotency-Key"] = call.key
    return headers


def _problem(answer: requests.Response) -> ApiProblem:
    try:
        problem = answer.json()
    except requests.JSONDecodeError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    found = BY_STATUS.get(answer.status_code, Refused)(answer.status_code, problem)
    if isinstance(found, TooMany) and (seconds := answer.headers.get("Retry-After", "")).isdecimal():
        found.retry_after = int(seconds)
    if found.slug == "step-up-required":
        return StepUpNeeded(answer.status_code, problem)
    return found


Send = Callable[[str, Call], requests.Response]


class Api:
    """One service's API, as the person of this request."""

    def __init__(self, service: str, send: Send) -> None:
        self._service = service
        self._send = send

    def get(self, path: str, **query: Any) -> Any:
        """Return what is at `path`; raises NotThere, NotAllowed, ServiceAway."""
        return self._json(Call("GET", path, query=query))

    def download(self, path: str, **query: Any) -> requests.Response:
        """Return a file as the service sends it."""
        return self._send(self._service, Call("GET", path, query=query))

    def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None, version: int | None = None
    ) -> Any:
        """Ask for something to be done; `key` is the form's key, so that a second press has no second effect.

        Raises Stale when it answers a `version` that is no longer the newest.
        """
        return self._json(Call("POST", path, body=dict(body or {}), key=key, version=version))

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask a question that is too long for an address; nothing is changed, so no key goes with it."""
        return self._json(Call("POST", path, body=dict(body), question=True))

    def upload(
        self,
        path: str,
        name: str,
        content: IO[bytes],
        *,
        fields: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Any:
        """Send a file, with the `fields` of the form it came in."""
        return self._json(Call("POST", path, body=fields, file=(name, content), key=key))

    def put(self, path: str, body: Mapping[str, Any], *, version: int | None = None) -> Any:
        """Replace what is at `path`; raises Stale when `version` is no longer the newest."""
        return self._json(Call("PUT", path, body=dict(body), version=version))

    def patch(self, path: str, body: Mapping[str, Any], *, version: int | None = None) -> Any:
        """Change some fields of what is at `path`; raises Stale when `version` is no longer the newest."""
        return self._json(Call("PATCH", path, body=dict(body), version=version))

    def delete(self, path: str, *, version: int | None = None) -> Any:
        """Remove what is at `path`."""
        return self._json(Call("DELETE", path, version=version))

    def _json(self, call: Call) -> Any:
        answer = self._send(self._service, call)
        if not answer.content:
            return {}
        try:
            return orjson.loads(answer.content)
        except orjson.JSONDecodeError as error:
            raise ServiceAway(self._service, "answered something that is not JSON") from error


class Apis:
    """All services' APIs, as the person of this request."""

    def __init__(self, send: Send) -> None:
        self.directory = Api("directory", send)
        self.assessment = Api("assessment", send)
        self.action_plan = Api("action_plan", send)
        self.competency_framework = Api("competency_framework", send)
        self.notification = Api("notification", send)
        self.insight = Api("insight", send)

    def named(self, service: str) -> Api:
        """Return the API of a service by its name; raises KeyError for one we do not know."""
        if service not in APIS:
            raise KeyError(service)
        api: Api = getattr(self, service)
        return api
