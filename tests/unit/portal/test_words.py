"""Dates, times and counts as pages show them."""

from datetime import UTC, date, datetime

import pytest

from services.portal import words
from services.portal.person import Membership, person_from, role_words


def test_a_sentence_begins_with_a_capital_and_names_keep_theirs() -> None:
    assert words.upper_first("for ICBs and the national body") == "For ICBs and the national body"
    assert words.upper_first("") == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-03-03", "3 March 2026"),
        (date(2026, 12, 25), "25 December 2026"),
        ("2026-06-30T23:30:00Z", "1 July 2026"),
        (datetime(2026, 1, 1, 0, 30, tzinfo=UTC), "1 January 2026"),
        (None, ""),
    ],
)
def test_a_day_is_written_out_in_londons_calendar(value: str | date | None, shown: str) -> None:
    assert words.as_day(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-01-05T14:30:00Z", "2:30pm"),
        ("2026-06-05T14:30:00Z", "3:30pm"),
        ("2026-01-05T09:00:00Z", "9am"),
        ("2026-01-05T12:00:00Z", "midday"),
        ("2026-01-05T00:00:00Z", "midnight"),
        ("2026-01-05T00:05:00Z", "12:05am"),
    ],
)
def test_a_time_is_written_as_people_say_it(value: str, shown: str) -> None:
    assert words.as_time(value) == shown


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("2026-03-03", "today"),
        ("2026-03-04", "tomorrow"),
        ("2026-03-02", "yesterday"),
        ("2026-03-06", "in 3 days"),
        ("2026-02-27", "4 days ago"),
    ],
)
def test_how_far_off_a_day_is(day: str, shown: str) -> None:
    assert words.days_until(day, date(2026, 3, 3)) == shown


def test_a_state_that_pages_do_not_know_is_shown_as_it_is() -> None:
    assert words.in_words("signed_off", words.STAGES) == ("Signed off", "green")
    assert words.in_words("half_done", words.STAGES) == ("Half done", "grey")


def test_things_are_counted_in_words() -> None:
    assert words.counted(1, "action") == "1 action"
    assert words.counted(1200, "person", "people") == "1,200 people"


def test_roles_are_joined_into_a_phrase_in_the_order_of_the_role_list() -> None:
    assert role_words(["chair", "board-member"]) == "board member and chair"
    assert role_words(["icb-lead"]) == "ICB improvement lead"


def test_the_acting_line_names_role_organisation_and_icb() -> None:
    trust = Membership(
        "DEMO01", "Aldermere NHS Trust", "trust", "XNV01", "NHS Northvale ICB", ("chair",), fictional=True
    )
    icb = Membership("XNV01", "NHS Northvale ICB", "icb", "XNV01", "NHS Northvale ICB", ("icb-lead",), fictional=False)

    assert trust.words == "chair, Aldermere NHS Trust (fictional), in NHS Northvale ICB (fictional)"
    assert icb.words == "ICB improvement lead, NHS Northvale ICB"


def test_the_national_body_acts_for_itself_in_the_national_tenant() -> None:
    body = {"org_id": "XNB01", "org_name": "National Body", "org_kind": "national", "tenant_id": "NATIONAL"}
    me = {"person_id": "p", "memberships": [{**body, "roles": ["chair"], "fictional": True}]}

    (membership,) = person_from(me).memberships

    assert (membership.narrowed_to, membership.is_national_team, membership.has_icb) == ("NATIONAL", False, False)
    assert membership.words == "chair, National Body (fictional)"


def test_an_organisation_that_belongs_to_no_icb_any_more_is_nobody_to_act_for() -> None:
    closed = {"org_id": "DEMO09", "org_name": "Closed Trust", "org_kind": "trust", "tenant_id": None}
    me = {"person_id": "p", "memberships": [{**closed, "tenant_name": None, "roles": ["chair"], "fictional": True}]}

    assert person_from(me).memberships == ()


def test_national_roles_are_a_membership_of_their_own_and_name_no_tenant() -> None:
    me = {
        "person_id": "p",
        "name": "Nora",
        "email": "n@x.example",
        "memberships": [],
        "national_roles": ["national-analyst"],
    }

    (membership,) = person_from(me).memberships

    assert membership.narrowed_to is None
    assert membership.org_kind == "national"
