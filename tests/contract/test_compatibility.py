"""What the last release promised is kept: by every API, and by every event for its readers of today and tomorrow."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from deploy.contracts.__main__ import breaks, event_schemas, released
from deploy.contracts.compatibility import breaks_of_apis, breaks_of_events
from deploy.contracts.openapi import FOLDER, apis, document, rendered

API: dict[str, Any] = {
    "paths": {
        "/v1/things": {
            "post": {
                "parameters": [{"name": "limit", "in": "query"}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ask"}}}},
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "default": {},
                },
            }
        }
    },
    "components": {
        "securitySchemes": {"person": {"type": "http", "scheme": "bearer"}},
        "parameters": {"Version": {"name": "If-Match", "in": "header", "required": True}},
        "schemas": {
            "Ask": {
                "type": "object",
                "properties": {"name": {"type": "string", "maxLength": 80}, "kind": {"enum": ["a", "b"]}},
                "required": ["name"],
            },
            "Thing": {
                "type": "object",
                "properties": {"id": {"type": "string"}, "parts": {"type": "array", "items": {"type": "integer"}}},
                "required": ["id"],
            },
        },
    },
}
Change = Callable[[dict[str, Any]], Any]
POST = "POST /v1/things"


def post(api: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = api["paths"]["/v1/things"]["post"]
    return found


def schema(api: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = api["components"]["schemas"][name]
    return found


BREAKING: dict[str, Change] = {
    f"{POST} is gone": lambda api: api["paths"]["/v1/things"].pop("post"),
    f"{POST}: the answer 201 is gone": lambda api: post(api)["responses"].pop("201"),
    f"{POST}: the parameter limit is gone": lambda api: post(api)["parameters"].clear(),
    f"{POST}: the parameter day is required now": lambda api: post(api)["parameters"].append(
        {"name": "day", "in": "query", "required": True}
    ),
    f"{POST}: the parameter If-Match is required now": lambda api: post(api)["parameters"].append(
        {"$ref": "#/components/parameters/Version"}
    ),
    f"{POST}: request: kind is gone": lambda api: schema(api, "Ask")["properties"].pop("kind"),
    f"{POST}: request: kind is required now": lambda api: schema(api, "Ask")["required"].append("kind"),
    f"{POST}: request: kind: the value b is no longer taken": lambda api: schema(api, "Ask")["properties"].update(
        kind={"enum": ["a"]}
    ),
    f"{POST}: request: name: maxLength is 40 now": lambda api: schema(api, "Ask")["properties"]["name"].update(
        maxLength=40
    ),
    f"{POST}: answer 201: id is gone": lambda api: schema(api, "Thing")["properties"].pop("id"),
    f"{POST}: answer 201: id may be missing now": lambda api: schema(api, "Thing")["required"].clear(),
    f"{POST}: answer 201: id: string became integer": lambda api: schema(api, "Thing")["properties"].update(
        id={"type": "integer"}
    ),
    f"{POST}: answer 201: parts[]: integer became string": lambda api: schema(api, "Thing")["properties"].update(
        parts={"type": "array", "items": {"type": "string"}}
    ),
}
ADDITIVE: dict[str, Change] = {
    "a new route": lambda api: api["paths"].update({"/v1/more": {"get": {"responses": {"200": {}}}}}),
    "a new field of an answer": lambda api: schema(api, "Thing")["properties"].update(more={"type": "string"}),
    "a field that is always there now": lambda api: schema(api, "Thing")["required"].append("parts"),
    "a field that may be sent": lambda api: schema(api, "Ask")["properties"].update(more={"type": "string"}),
    "a longer text": lambda api: schema(api, "Ask")["properties"]["name"].update(maxLength=200),
    "one more value": lambda api: schema(api, "Ask")["properties"]["kind"]["enum"].append("c"),
}


@pytest.mark.parametrize("sentence", BREAKING)
def test_a_change_that_breaks_a_caller_is_named(sentence: str) -> None:
    newer = copy.deepcopy(API)
    BREAKING[sentence](newer)

    assert sentence in breaks_of_apis(API, newer)


@pytest.mark.parametrize("change", ADDITIVE)
def test_a_change_that_only_adds_breaks_nobody(change: str) -> None:
    newer = copy.deepcopy(API)
    ADDITIVE[change](newer)

    assert breaks_of_apis(API, newer) == []


def test_a_header_that_was_always_asked_for_breaks_nobody_when_it_is_named_at_last() -> None:
    """Documents without a way to sign in are of the first release, which named no header; its calls are replayed."""
    silent, newer = copy.deepcopy(API), copy.deepcopy(API)
    del silent["components"]["securitySchemes"]
    post(newer)["parameters"].append({"$ref": "#/components/parameters/Version"})

    assert breaks_of_apis(silent, newer) == []


def test_an_event_keeps_its_fields_and_readers_keep_taking_what_was_sent_before() -> None:
    old = {"a.v1": {"type": "object", "properties": {"level": {"type": "integer"}}, "required": ["level"]}}
    demanding = copy.deepcopy(old)
    demanding["a.v1"]["properties"]["why"] = {"type": "string"}  # type: ignore[index]
    more = copy.deepcopy(demanding)
    demanding["a.v1"]["required"] = ["level", "why"]
    without: dict[str, Any] = {"a.v1": {"type": "object", "properties": {}, "required": []}}

    assert breaks_of_events(old, more) == []
    assert breaks_of_events(old, demanding) == ["a.v1: why is required now"]
    assert "a.v1: level is gone" in breaks_of_events(old, without)
    assert breaks_of_events(old, {}) == ["a.v1 is gone"]


def test_every_promise_of_the_last_release_is_kept() -> None:
    assert breaks() == [], "keep what was promised beside the new, or make it a new version"


def test_the_last_release_is_recorded_whole() -> None:
    assert set(released("events")) <= set(event_schemas())
    assert all(released(name)["paths"] for name in apis())


@pytest.mark.parametrize("service", apis())
def test_the_documents_kept_are_those_of_the_routes(service: str) -> None:
    kept = (FOLDER / f"{service}.json").read_text()

    assert kept == rendered(document(service)), "run: python -m deploy.contracts write"
