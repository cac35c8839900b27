"""An API's document says all that a caller must send: the token, for whom, the version that was read, the key."""

import json
import re
from typing import Any

import pytest

from deploy.contracts.openapi import FOLDER, apis

ROUTES = FOLDER.parents[1] / "services"
NEEDS_A_VERSION = {
    "action_plan: PATCH /v1/actions/{action_id}",
    "action_plan: POST /v1/plans/{plan_id}/approve",
    "action_plan: POST /v1/plans/{plan_id}/send-back",
    "action_plan: PUT /v1/plans/{plan_id}/aim",
    "action_plan: PUT /v1/plans/{plan_id}/priorities",
    "action_plan: PUT /v1/plans/{plan_id}/sharing",
    "assessment: PATCH /v1/rounds/{round_id}",
    "assessment: POST /v1/rounds/{round_id}/send-back",
    "assessment: POST /v1/rounds/{round_id}/sharing/decide",
    "assessment: POST /v1/rounds/{round_id}/sign-off",
    "assessment: PUT /v1/rounds/{round_id}/agreements/{item_id}",
    "assessment: PUT /v1/rounds/{round_id}/my-answers/{item_id}",
    "competency_framework: PUT /v1/my-reflection/{statement_id}",
}
TAKES_A_VERSION = {"assessment: PUT /v1/rounds/{round_id}/practice-levels/{practice_id}"}
PUBLIC = re.compile(r": GET /health/|: GET /v1/question-sets|/v1/invitation")
Operations = dict[str, tuple[dict[str, dict[str, Any]], dict[str, Any]]]


@pytest.fixture(scope="module")
def operations() -> Operations:
    """Return the headers of every operation of every service by their names, and the operation itself."""
    return {
        f"{service}: {method.upper()} {path}": (headers_of(operation, document), operation)
        for service in apis()
        for document in [json.loads((FOLDER / f"{service}.json").read_text())]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def headers_of(operation: dict[str, Any], document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    named = (one.get("$ref", "").rpartition("/")[2] for one in operation.get("parameters", []))
    found = [document["components"]["parameters"][name] for name in named if name]
    return {one["name"]: one for one in found}


def test_a_route_that_needs_the_version_says_so(operations: Operations) -> None:
    told = {name: headers["If-Match"]["required"] for name, (headers, _) in operations.items() if "If-Match" in headers}

    assert {name for name, required in told.items() if required} == NEEDS_A_VERSION
    assert {name for name, required in told.items() if not required} == TAKES_A_VERSION
    assert all("428" in operations[name][1]["responses"] for name in NEEDS_A_VERSION)


def test_no_use_of_a_version_in_the_routes_is_overlooked() -> None:
    """Each call in the source is a route of the lists above."""
    files = [path for path in ROUTES.glob("*/routes/**/*.py") if not path.is_relative_to(ROUTES / "portal")]
    calls = sum(len(re.findall(r"\bif_match\(\)", path.read_text())) for path in files)

    assert calls == len(NEEDS_A_VERSION | TAKES_A_VERSION)


def test_a_key_is_named_on_every_request_that_makes_something(operations: Operations) -> None:
    without = [name for name, (headers, _) in operations.items() if "Idempotency-Key" not in headers]

    assert [name for name in without if ": POST " in name] == []
    assert len(without) < len(operations)


def test_who_must_sign_in_and_for_whom_is_on_every_route(operations: Operations) -> None:
    public = {name for name, (_, operation) in operations.items() if operation["security"] == []}

    assert public
    assert [name for name in public if not PUBLIC.search(name)] == []
    assert all(
        operation["security"] == [{"person": []}] for name, (_, operation) in operations.items() if name not in public
    )
    assert "Acting-For" in operations["assessment: POST /v1/rounds"][0]
    assert "Acting-For" not in operations["assessment: GET /health/live"][0]
    assert "Acting-For" not in operations["directory: GET /v1/me"][0]


@pytest.mark.parametrize("service", apis())
def test_every_document_says_how_one_signs_in(service: str) -> None:
    document = json.loads((FOLDER / f"{service}.json").read_text())

    assert document["components"]["securitySchemes"]["person"]["scheme"] == "bearer"
    assert document["servers"]
