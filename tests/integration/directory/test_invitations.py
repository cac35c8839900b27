"""Inviting, sending, accepting: who may, what the link opens, and that it works once."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.clock import FrozenClock
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.conftest import Post, Register, age_invitation


def address() -> str:
    return f"{new_id()}@trust.example"


@pytest.fixture
def trust(register: Register) -> str:
    return register.trust()


@pytest.fixture
def manager(directory: ServiceUnderTest, register: Register, trust: str) -> Client:
    return directory.client(register.person(trust, Role.ACCESS_MANAGER, name="Amir Shah"))


@pytest.fixture
def nobody(directory: ServiceUnderTest) -> Client:
    return directory.client_with(None)


def invitation(email: str, role: str = "board-member", **more: str) -> dict[str, str]:
    return {"name": "Bola Adeyemi", "email": email, "role": role, **more}


def test_an_accepted_invitation_gives_the_role_and_tells_every_service(
    directory: ServiceUnderTest, manager: Client, nobody: Client, post: Post, trust: str
) -> None:
    email = address()
    sent = manager.post("/v1/invitations", invitation(email, until="2031-03-31"))
    secret = post.deliver().secret_for(email)

    accepted = nobody.post(f"/v1/invitations/by-token/{secret}/accept")

    assert (sent.status_code, accepted.status_code) == (201, 200)
    assert accepted.json == {
        "organisation": f"{trust} (fictional)",
        "org_id": trust,
        "role": "board-member",
        "account_known": False,
    }
    granted = directory.events(event_types.MEMBERSHIP_GRANTED, org=trust)[-1]
    assert granted.data["role"] == "board-member"
    assert granted.data["valid_to"] == "2031-03-31T23:00:00+00:00"
    assert granted.key == granted.data["person_id"]
    assert email not in str(granted)


def test_a_role_counts_at_once_in_the_access_check(
    directory: ServiceUnderTest, manager: Client, nobody: Client, post: Post, trust: str
) -> None:
    email = address()
    manager.post("/v1/invitations", invitation(email))
    nobody.post(f"/v1/invitations/by-token/{post.deliver().secret_for(email)}/accept")
    person_id = directory.events(event_types.MEMBERSHIP_GRANTED, org=trust)[-1].data["person_id"]
    newcomer = Person(person_id, directory.world.tenant_of(trust), trust, frozenset({"board-member"}))

    people = directory.client(newcomer).get("/v1/people").json["items"]

    assert {person["name"] for person in people} == {"Amir Shah", "Bola Adeyemi"}


def test_the_page_behind_the_link_says_who_asks_for_what_and_nothing_else(
    manager: Client, nobody: Client, post: Post
) -> None:
    email = address()
    manager.post("/v1/invitations", invitation(email))

    shown = nobody.get(f"/v1/invitations/by-token/{post.deliver().secret_for(email)}").json

    assert (shown["name"], shown["invited_by"], shown["role_title"]) == ("Bola Adeyemi", "Amir Shah", "Board member")
    assert shown["state"] == "sent"
    assert email not in str(shown)


def test_opening_the_link_accepts_nothing(
    directory: ServiceUnderTest, manager: Client, nobody: Client, post: Post, trust: str
) -> None:
    email = address()
    manager.post("/v1/invitations", invitation(email))
    before = directory.events(event_types.MEMBERSHIP_GRANTED, org=trust)
    secret = post.deliver().secret_for(email)

    nobody.get(f"/v1/invitations/by-token/{secret}")

    assert directory.events(event_types.MEMBERSHIP_GRANTED, org=trust) == before


def test_a_link_works_once(manager: Client, nobody: Client, post: Post) -> None:
    email = address()
    manager.post("/v1/invitations", invitation(email))
    path = f"/v1/invitations/by-token/{post.deliver().secret_for(email)}/accept"
    nobody.post(path)

    again = nobody.post(path)

    assert (again.status_code, again.json["type"]) == (409, "/problems/invitation-not-usable")


@pytest.mark.parametrize("secret", ["x", "%00", "a" * 43, "../../v1/me"])
def test_a_made_up_secret_opens_nothing(nobody: Client, register: Register, secret: str) -> None:
    assert nobody.get(f"/v1/invitations/by-token/{secret}").status_code == 404


def test_sending_again_makes_the_older_link_useless(manager: Client, nobody: Client, post: Post) -> None:
    email = address()
    sent = manager.post("/v1/invitations", invitation(email)).json
    old = post.deliver().secret_for(email)

    manager.post(f"/v1/invitations/{sent['id']}/resend")

    assert nobody.get(f"/v1/invitations/by-token/{old}").status_code == 404
    new = post.deliver().secret_for(email)
    assert nobody.post(f"/v1/invitations/by-token/{new}/accept").status_code == 200


def test_a_withdrawn_invitation_is_not_sent_and_opens_nothing(manager: Client, nobody: Client, post: Post) -> None:
    email = address()
    sent = manager.post("/v1/invitations", invitation(email)).json
    secret = post.deliver().secret_for(email)

    withdrawn = manager.post(f"/v1/invitations/{sent['id']}/withdraw")

    assert withdrawn.json["state"] == "withdrawn"
    assert nobody.get(f"/v1/invitations/by-token/{secret}").status_code == 404
    assert manager.post(f"/v1/invitations/{sent['id']}/resend").status_code == 409


def test_after_fourteen_days_the_link_is_refused(
    directory: ServiceUnderTest, manager: Client, nobody: Client, post: Post
) -> None:
    email = address()
    manager.post("/v1/invitations", invitation(email))
    long_ago = FrozenClock(datetime.now(UTC) + timedelta(seconds=5))
    secret = post.deliver(long_ago).secret_for(email)
    directory.app.extensions["service"].clock = FrozenClock(datetime.now(UTC) + timedelta(days=14, minutes=1))

    try:
        late = nobody.post(f"/v1/invitations/by-token/{secret}/accept")
    finally:
        directory.app.extensions["service"].clock = directory.clock

    assert late.status_code == 409
    assert "older than 14 days" in late.json["detail"]


def test_a_mailbox_that_is_a_persons_already_keeps_its_one_person(
    directory: ServiceUnderTest, register: Register, nobody: Client, post: Post
) -> None:
    email = address()
    person = register.person(register.trust(), Role.BOARD_MEMBER, email=email)
    second = register.trust()
    directory.client(register.person(second, Role.ACCESS_MANAGER)).post("/v1/invitations", invitation(email.upper()))

    accepted = nobody.post(f"/v1/invitations/by-token/{post.deliver().secret_for(email)}/accept")

    assert accepted.json["account_known"] is True
    assert directory.events(event_types.MEMBERSHIP_GRANTED, org=second)[-1].data["person_id"] == person.person_id


def test_an_icb_appoints_only_the_first_access_manager_of_a_trust(
    directory: ServiceUnderTest, register: Register, nobody: Client, post: Post
) -> None:
    tenant = register.tenant()
    trust = register.trust(tenant)
    board = directory.client(register.person(tenant, Role.ICB_ACCESS_MANAGER))
    email = address()
    first = board.post("/v1/invitations", invitation(email, "access-manager", organisation=trust))
    nobody.post(f"/v1/invitations/by-token/{post.deliver().secret_for(email)}/accept")

    second = board.post("/v1/invitations", invitation(address(), "access-manager", organisation=trust))
    other_role = board.post("/v1/invitations", invitation(address(), "chair", organisation=trust))

    assert (first.status_code, second.status_code, other_role.status_code) == (201, 403, 403)


def test_of_two_first_invitations_the_second_no_longer_holds(
    directory: ServiceUnderTest, register: Register, nobody: Client, post: Post
) -> None:
    tenant = register.tenant()
    trust = register.trust(tenant)
    board = directory.client(register.person(tenant, Role.ICB_ACCESS_MANAGER))
    one, two = address(), address()
    for email in (one, two):
        board.post("/v1/invitations", invitation(email, "access-manager", organisation=trust))
    mails = post.deliver()
    nobody.post(f"/v1/invitations/by-token/{mails.secret_for(one)}/accept")

    late = nobody.post(f"/v1/invitations/by-token/{mails.secret_for(two)}/accept")

    assert (late.status_code, late.json["type"]) == (409, "/problems/invitation-not-usable")


def test_an_icb_appoints_nobody_in_a_trust_of_another(directory: ServiceUnderTest, register: Register) -> None:
    board = directory.client(register.person(register.tenant(), Role.ICB_ACCESS_MANAGER))

    refused = board.post("/v1/invitations", invitation(address(), "access-manager", organisation=register.trust()))

    assert (refused.status_code, refused.json["type"]) == (403, "/problems/may-not-appoint")


def test_the_national_administrator_appoints_an_icbs_access_manager(
    directory: ServiceUnderTest, register: Register, nobody: Client, post: Post
) -> None:
    tenant, email = register.tenant(), address()
    administrator = directory.client(register.national(Role.NATIONAL_ADMINISTRATOR))

    sent = administrator.post("/v1/invitations", invitation(email, "icb-access-manager", organisation=tenant))
    accepted = nobody.post(f"/v1/invitations/by-token/{post.deliver().secret_for(email)}/accept")

    assert (sent.status_code, accepted.status_code) == (201, 200)
    told = directory.events(event_types.MEMBERSHIP_GRANTED, org=tenant)[-1]
    assert (told.tenant_id, told.data["role"]) == (tenant, "icb-access-manager")


@pytest.mark.parametrize("role", [Role.CHAIR, Role.IMPROVEMENT_LEAD, Role.BOARD_MEMBER, Role.COMPANY_SECRETARY])
def test_only_access_managers_invite(directory: ServiceUnderTest, register: Register, trust: str, role: Role) -> None:
    other = directory.client(register.person(trust, role))

    assert other.post("/v1/invitations", invitation(address())).status_code == 403
    assert other.get("/v1/invitations").status_code == 403


def test_inviting_needs_a_fresh_second_factor(directory: ServiceUnderTest, register: Register, trust: str) -> None:
    weak = directory.client(register.person(trust, Role.ACCESS_MANAGER), strong=False)

    refused = weak.post("/v1/invitations", invitation(address()))

    assert (refused.status_code, refused.json["type"]) == (401, "/problems/step-up-required")


def test_a_repeated_request_sends_one_invitation(manager: Client) -> None:
    body = invitation(address())

    first = manager.post("/v1/invitations", body, key="one")
    again = manager.post("/v1/invitations", body, key="one")

    assert (again.status_code, again.json) == (201, first.json)
    assert manager.get("/v1/invitations").json["count"] == 1


def test_a_second_invitation_to_the_same_role_is_refused_while_the_first_is_open(manager: Client) -> None:
    body = invitation(address())
    manager.post("/v1/invitations", body)

    again = manager.post("/v1/invitations", body)

    assert (again.status_code, again.json["type"]) == (409, "/problems/invitation-open")


def test_nobody_gives_oneself_a_role(directory: ServiceUnderTest, register: Register, trust: str) -> None:
    email = address()
    manager = directory.client(register.person(trust, Role.ACCESS_MANAGER, email=email))

    assert manager.post("/v1/invitations", invitation(email, "chair")).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"name": "Two\nlines"}, "name"),
        ({"name": ""}, "name"),
        ({"role": "emperor"}, "role"),
        ({"role": "icb-lead"}, "role"),
        ({"until": "2020-01-01"}, "until"),
        ({"surprise": "x"}, "surprise"),
    ],
)
def test_a_wrong_field_is_named(manager: Client, wrong: dict[str, str], field: str) -> None:
    refused = manager.post("/v1/invitations", invitation(address()) | wrong)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json["errors"]] == [field]


def test_another_organisations_invitation_does_not_exist(
    directory: ServiceUnderTest, register: Register, manager: Client
) -> None:
    sent = manager.post("/v1/invitations", invitation(address())).json
    stranger = directory.client(register.person(register.trust(), Role.ACCESS_MANAGER))

    assert stranger.post(f"/v1/invitations/{sent['id']}/resend").status_code == 404
    assert stranger.post(f"/v1/invitations/{sent['id']}/withdraw").status_code == 404
    assert stranger.get("/v1/invitations").json["items"] == []


def test_the_secret_lies_nowhere_in_the_database(
    directory: ServiceUnderTest, manager: Client, post: Post, trust: str
) -> None:
    import psycopg

    email = address()
    manager.post("/v1/invitations", invitation(email))
    secret = post.deliver().secret_for(email)

    with psycopg.connect(directory.superuser_url) as connection:
        rows = connection.execute(
            "select i::text from directory.invitation i where email = %s"
            " union all select d::text from directory.due_work d",
            [email],
        ).fetchall()

    assert rows
    assert all(secret not in str(row) for row in rows)


def test_a_mail_service_that_is_away_costs_no_invitation(manager: Client, post: Post) -> None:
    email = address()
    manager.post("/v1/invitations", invitation(email))
    post.mails.away = True
    post.deliver()
    post.mails.away = False

    later = post.deliver(FrozenClock(datetime.now(UTC) + timedelta(minutes=5)))

    assert len(later.to(email)) == 1


def test_the_trusts_own_audit_trail_tells_of_the_new_role(
    directory: ServiceUnderTest, manager: Client, nobody: Client, post: Post
) -> None:
    email = address()
    sent = manager.post("/v1/invitations", invitation(email)).json
    secret = post.deliver().secret_for(email)
    age_invitation(directory, email, timedelta(days=15))
    nobody.post(f"/v1/invitations/by-token/{secret}/renew")
    nobody.post(f"/v1/invitations/by-token/{post.deliver().secret_for(email)}/accept")

    lines = manager.get("/v1/audit").json["items"]

    about = [line["action"] for line in lines if line["object_id"] == sent["id"]]
    assert sorted(about) == ["invitation.accepted", "invitation.renewed", "invitation.sent"]
    assert "membership.granted" in [line["action"] for line in lines]


def test_a_link_that_has_run_out_is_renewed_by_who_holds_it_to_the_invited_address(
    directory: ServiceUnderTest, manager: Client, nobody: Client, post: Post
) -> None:
    email = address()
    manager.post("/v1/invitations", invitation(email))
    old = post.deliver().secret_for(email)
    age_invitation(directory, email, timedelta(days=15))

    shown = nobody.get(f"/v1/invitations/by-token/{old}")
    renewed = nobody.post(f"/v1/invitations/by-token/{old}/renew")
    new = post.deliver().secret_for(email)

    assert (shown.json["state"], shown.json["can_be_renewed"]) == ("expired", True)
    assert renewed.json == {"sent": True}
    assert new != old
    assert nobody.get(f"/v1/invitations/by-token/{old}").status_code == 404
    assert nobody.post(f"/v1/invitations/by-token/{new}/accept").status_code == 200


def test_a_link_that_still_works_or_is_too_old_is_not_renewed(
    directory: ServiceUnderTest, manager: Client, nobody: Client, post: Post
) -> None:
    email = address()
    manager.post("/v1/invitations", invitation(email))
    secret = post.deliver().secret_for(email)

    fresh = nobody.post(f"/v1/invitations/by-token/{secret}/renew")
    age_invitation(directory, email, timedelta(days=91))
    old = nobody.post(f"/v1/invitations/by-token/{secret}/renew")

    assert (fresh.status_code, old.status_code) == (409, 409)
