"""Words with gaps, and who is told."""

import pytest

from services.notification.domain.message_kinds import (
    WordingError,
    codes_in,
    fill,
    in_words,
    link_for,
    people_in,
    read_kind,
    values_for,
    with_names,
)
from services.notification.wording import message_kinds

RAW = {
    "kind": "dates-changed",
    "events": ["e.v1"],
    "only_if": {"field": "changed", "has_any": ["closes_on"]},
    "recipients": [{"people": "respondent_ids"}, {"roles": ["chair"], "of": "audience"}],
    "urgent": False,
    "mail_can_be_turned_off": True,
    "link": "/rounds/{round_id}",
    "title": "New dates",
    "inbox_line": "By {closes_on} at {organisation}.",
    "subject": "New dates",
    "body": "By {closes_on}.",
    "placeholders": [
        {"name": "closes_on", "from": "data.closes_on", "when_empty": "a day still to be set"},
        {"name": "organisation", "from": "organisation.name"},
    ],
}


def test_a_date_in_a_sentence_reads_as_a_person_would_write_it() -> None:
    values = values_for(read_kind(RAW), {"closes_on": "2026-03-03"}, {"organisation.name": "Aldermere"})

    assert fill(RAW["inbox_line"], values) == "By 3 March 2026 at Aldermere."


def test_a_value_that_is_missing_is_said_in_words() -> None:
    values = values_for(read_kind(RAW), {"closes_on": None}, {"organisation.name": "Aldermere"})

    assert values["closes_on"] == "a day still to be set"


def test_a_code_gives_way_to_the_name_once_it_is_known() -> None:
    kind, said = read_kind(RAW), {"closes_on": "3 March 2026", "organisation": "DEMO01"}

    assert codes_in(kind, said) == {"DEMO01"}
    assert with_names(kind, said, {"DEMO01": "Aldermere"}) == said | {"organisation": "Aldermere"}
    assert with_names(kind, said, {}) == said


def test_only_what_stands_for_an_organisation_is_taken_for_a_code() -> None:
    kind, said = read_kind(RAW), {"closes_on": "DEMO01", "organisation": "Aldermere NHS Trust"}

    assert codes_in(kind, said) == set()
    assert with_names(kind, said, {"DEMO01": "Another"}) == said


def test_a_gap_that_nothing_fills_is_an_error_of_ours() -> None:
    with pytest.raises(WordingError):
        values_for(read_kind(RAW), {}, {})


def test_a_message_exists_only_when_its_condition_holds() -> None:
    kind = read_kind(RAW)

    assert kind.is_wanted_for({"changed": ["closes_on", "note"]})
    assert not kind.is_wanted_for({"changed": ["note"]})


def test_a_message_does_not_exist_when_what_rules_it_out_holds() -> None:
    kind = read_kind({**RAW, "only_if": None, "not_if": {"field": "asked_in", "has_any": ["elsewhere"]}})

    assert [kind.is_wanted_for(data) for data in ({}, {"asked_in": "here"}, {"asked_in": "elsewhere"})] == [
        True,
        True,
        False,
    ]


def test_the_link_leads_to_the_thing_itself() -> None:
    assert link_for(read_kind(RAW), {"round_id": "7"}) == "/rounds/7"
    with pytest.raises(WordingError):
        link_for(read_kind(RAW), {})


@pytest.mark.parametrize(("data", "people"), [({}, []), ({"who": "a"}, ["a"]), ({"who": ["a", "b"]}, ["a", "b"])])
def test_an_event_names_none_one_or_several_people(data: dict[str, object], people: list[str]) -> None:
    assert people_in(data, "who") == people


@pytest.mark.parametrize(("value", "words"), [("2026-06-15", "15 June 2026"), ("spring 2026", "spring 2026"), (3, "3")])
def test_only_dates_are_put_into_words(value: object, words: str) -> None:
    assert in_words(value) == words


def test_every_shipped_message_can_be_read() -> None:
    assert len(message_kinds()) >= 30


@pytest.mark.parametrize(
    ("recipients", "roles", "reached"),
    [
        ([{"roles": ["chair"], "of": "organisation"}], {"chair", "board-member"}, True),
        ([{"roles": ["chair"], "of": "organisation"}], {"improvement-lead"}, False),
        ([{"people": "owner_id"}], {"improvement-lead"}, True),
        ([{"people": "owner_id"}, {"roles": ["chair"], "of": "organisation"}], set(), True),
    ],
)
def test_a_kind_reaches_holders_of_its_roles_and_whomever_an_event_names(
    recipients: list[dict[str, object]], roles: set[str], *, reached: bool
) -> None:
    assert read_kind(RAW | {"recipients": recipients}).may_reach(frozenset(roles)) is reached
