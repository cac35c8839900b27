"""Every event type is complete, and nothing that events must not carry can slip in."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from shared import catalogue
from shared.contracts import asyncapi, event_types, example_record

CONTRACTS = Path(example_record.__file__).parent
SERVICES = {"directory", "assessment", "action_plan", "competency_framework", "notification", "insight"}
TOPICS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((CONTRACTS / "topics").glob("*.yaml"))}
EXAMPLES = sorted((CONTRACTS / "events").glob("*/*.json"))
TYPES = sorted(event_types.ALL_TYPES)

NAMES_OF_ORGANISATIONS = {event_types.ORGANISATION_REGISTERED, event_types.ORGANISATION_RENAMED}
FORBIDDEN_WORDS = {
    "name", "names", "email", "mail", "phone", "address", "surname", "text", "note", "comment", "why", "reason",
    "title", "minute", "evidence", "dissent", "differed", "answer", "answers", "steps", "words", "description",
    "aim", "hash",
}  # fmt: skip
ALLOWED_PROPERTIES = {"aim_level"}


def schema_of(kind: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((CONTRACTS / "events" / f"{kind}.schema.json").read_text())
    return schema


def example_name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def properties_in(schema: Any) -> dict[str, Any]:
    if isinstance(schema, list):
        return {name: sub for part in schema for name, sub in properties_in(part).items()}
    if not isinstance(schema, dict):
        return {}
    found = dict(schema.get("properties", {}))
    for part in schema.values():
        found |= properties_in(part)
    return found


def strings_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings_in(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings_in(part)]
    return [value] if isinstance(value, str) else []


def test_no_two_constants_name_the_same_event() -> None:
    values = [value for name, value in vars(event_types).items() if name.isupper() and isinstance(value, str)]

    assert len(values) == len(set(values)) == len(event_types.ALL_TYPES)


@pytest.mark.parametrize("kind", TYPES)
def test_an_event_type_lies_on_exactly_one_topic(kind: str) -> None:
    carriers = [name for name, topic in TOPICS.items() if kind in topic["types"]]

    assert len(carriers) == 1


@pytest.mark.parametrize("kind", TYPES)
def test_an_event_is_named_after_the_service_that_owns_its_topic(kind: str) -> None:
    (owner,) = [topic["owner"] for topic in TOPICS.values() if kind in topic["types"]]

    assert kind.split(".")[1] == owner.replace("_", "-")


@pytest.mark.parametrize("kind", TYPES)
def test_an_event_type_has_a_schema_and_an_example(kind: str) -> None:
    assert (CONTRACTS / "events" / f"{kind}.schema.json").is_file()
    assert list((CONTRACTS / "events" / kind).glob("*.json"))


def test_schemas_and_topics_know_no_event_type_without_a_constant() -> None:
    with_schema = {path.name.removesuffix(".schema.json") for path in (CONTRACTS / "events").glob("*.schema.json")}
    with_examples = {path.parent.name for path in EXAMPLES}
    on_topics = {kind for topic in TOPICS.values() for kind in topic["types"]}

    assert with_schema == with_examples == on_topics == event_types.ALL_TYPES


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_says_who_publishes_who_reads_and_what_a_dead_letter_means(name: str) -> None:
    topic = TOPICS[name]

    assert topic["topic"] == name
    assert topic["owner"] in SERVICES
    assert topic["consumers"]
    assert set(topic["consumers"]) <= SERVICES
    assert topic["dead_letter"]["rule"] in {"park-key", "proceed"}
    assert topic["dead_letter"]["why"]
    assert (topic["partitions"], topic["retention"]) == (12, -1)
    assert isinstance(topic["tenantless"], bool)
    assert topic["key_fields"]
    assert all(set(topic["key_fields"]) & schema_of(kind)["properties"].keys() for kind in topic["types"])
    assert set(topic["not_yet_sent"]) <= set(topic["types"])


@pytest.mark.parametrize(
    ("topic", "reader"), [("impact.assessment-result", "action_plan"), ("impact.contribution", "insight")]
)
def test_levels_reach_one_reader_only(topic: str, reader: str) -> None:
    assert TOPICS[topic]["consumers"] == [reader]


def test_no_event_outside_the_two_level_topics_carries_a_level() -> None:
    with_levels = {
        kind for kind in TYPES if {"level", "aim_level", "previous_level"} & properties_in(schema_of(kind)).keys()
    }

    allowed = set(TOPICS["impact.assessment-result"]["types"]) | set(TOPICS["impact.contribution"]["types"])
    assert with_levels <= allowed


@pytest.mark.parametrize("kind", TYPES)
def test_a_schema_is_valid_and_says_in_words_what_everything_means(kind: str) -> None:
    schema = schema_of(kind)

    Draft202012Validator.check_schema(schema)
    assert schema["title"]
    assert schema["description"].endswith(".")
    assert schema["required"]
    assert set(schema["required"]) <= schema["properties"].keys()
    assert schema["additionalProperties"] is True
    assert [name for name, part in properties_in(schema).items() if not part.get("description")] == []


@pytest.mark.parametrize("kind", TYPES)
def test_a_schema_has_no_place_for_names_of_people_addresses_or_free_text(kind: str) -> None:
    allowed = ALLOWED_PROPERTIES | ({"name", "previous_name"} if kind in NAMES_OF_ORGANISATIONS else set())

    names = properties_in(schema_of(kind)).keys() - allowed

    assert [name for name in names if FORBIDDEN_WORDS & set(name.split("_"))] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=example_name)
def test_an_example_is_accepted_by_the_schema_of_its_type(path: Path) -> None:
    example = json.loads(path.read_text())
    envelope = json.loads((CONTRACTS / "envelope.schema.json").read_text())
    checker = Draft202012Validator.FORMAT_CHECKER

    Draft202012Validator(schema_of(path.parent.name), format_checker=checker).validate(example["data"])
    Draft202012Validator(envelope, format_checker=checker).validate(example["headers"])


@pytest.mark.parametrize("path", EXAMPLES, ids=example_name)
def test_the_envelope_of_an_example_fits_its_topic(path: Path) -> None:
    headers = json.loads(path.read_text())["headers"]
    (topic,) = [topic for topic in TOPICS.values() if path.parent.name in topic["types"]]

    assert headers["type"] == path.parent.name
    assert headers["source"] == f"/services/{topic['owner']}"
    assert headers["subject"] == headers["partitionkey"]
    assert topic["tenantless"] or headers["tenantid"]


@pytest.mark.parametrize("path", EXAMPLES, ids=example_name)
def test_the_data_of_an_example_is_about_what_its_envelope_names(path: Path) -> None:
    example = json.loads(path.read_text())
    headers, data = example["headers"], example["data"]

    catalogue.check_event(headers["type"], headers["partitionkey"], headers.get("orgid", ""), data)
    with pytest.raises(catalogue.ContractBroken, match="another thing"):
        catalogue.check_event(headers["type"], "another key", headers.get("orgid", ""), data)


@pytest.mark.parametrize("path", EXAMPLES, ids=example_name)
def test_an_example_holds_no_address_and_no_prose(path: Path) -> None:
    data = json.loads(path.read_text())["data"]
    worded = {"name", "previous_name", "label"}
    values = strings_in({key: value for key, value in data.items() if key not in worded and key != "practices"})

    assert [value for value in strings_in(data) if "@" in value] == []
    assert [value for value in values if re.search(r"\s", value)] == []


@pytest.mark.parametrize("kind", [event_types.RESPONSE_COMPLETED, event_types.REFLECTION_COMPLETED])
def test_a_private_act_names_nobody(kind: str) -> None:
    examples = [json.loads(path.read_text()) for path in (CONTRACTS / "events" / kind).glob("*.json")]

    assert all("actor" not in example["headers"] for example in examples)
    assert not any(name.endswith(("person_id", "_ids")) for name in properties_in(schema_of(kind)))


def test_a_published_example_never_changes_and_never_goes_away() -> None:
    record = example_record.recorded()

    assert example_record.grown(record, example_record.present()) == record, (
        "run python -m shared.contracts.example_record"
    )


def test_the_record_refuses_an_example_that_was_changed_or_removed() -> None:
    recorded = {"a.v1/typical.json": "1", "b.v1/typical.json": "2"}

    with pytest.raises(example_record.RecordedExampleChanged, match=r"a\.v1/typical\.json, b\.v1/typical\.json"):
        example_record.grown(recorded, {"a.v1/typical.json": "other"})


def test_the_event_document_is_up_to_date() -> None:
    assert asyncapi.DOCUMENT.read_text(encoding="utf-8") == asyncapi.rendered(), (
        "run python -m shared.contracts.asyncapi"
    )


def test_the_event_document_names_one_sender_for_each_channel() -> None:
    document = asyncapi.document()
    senders = [
        operation["channel"]["$ref"] for operation in document["operations"].values() if operation["action"] == "send"
    ]

    assert sorted(senders) == sorted(f"#/channels/{name}" for name in document["channels"])
