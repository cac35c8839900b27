"""What the mail says: who asks, for what, how long it takes, by when, and who will see it."""

from datetime import datetime

from shared.clock import local_day
from shared.contracts.roles import Role
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.directory.conftest import Post, Register
from tests.integration.directory.test_invitations import address, invitation


def _sentences(body: str) -> list[str]:
    return [line for line in body.splitlines() if line]


def test_a_colleague_reads_all_that_is_needed_to_decide(
    directory: ServiceUnderTest, register: Register, post: Post
) -> None:
    trust, email = register.trust(), address()
    manager = directory.client(register.person(trust, Role.ACCESS_MANAGER, name="Amir Shah"))
    manager.post("/v1/invitations", invitation(email))

    (mail,) = post.deliver().to(email)

    shown = directory.client_with(None).get(f"/v1/invitations/by-token/{post.mails.secret_for(email)}").json
    last_day = local_day(datetime.fromisoformat(shown["expires_at"]))
    greeting, asked, can_do, takes, link, mails, seen, otherwise = _sentences(mail.body)
    assert mail.subject == f"Invitation: Board member at {trust} (fictional)"
    assert greeting == "Hello Bola Adeyemi"
    assert asked == f"Amir Shah asks you to act for {trust} (fictional) as board member."
    assert can_do == f"What you can do then: {shown['role_meaning']}"
    assert takes == (
        "How long it takes: about five minutes to set up, once."
        f" Open this link by {last_day.day} {last_day:%B %Y}, read the page and continue:"
    )
    assert link == f"http://localhost:8000/invitation/{post.mails.secret_for(email)}"
    assert mails == (
        "If you do not sign in to this service today and do not use a work account, one more mail from us follows."
        " Its link lets you set up how you sign in: with a passkey, or with a password and a code."
    )
    assert seen == (
        f"Who will see it: your name and role are seen by those who look after access in {trust} (fictional),"
        " its improvement lead, chair, chief executive and secretary. Private answers are seen by nobody but you."
    )
    assert otherwise == (
        f"If you did not expect this, do nothing and tell {trust} (fictional). The link stops working after that day."
    )


def test_whoever_is_appointed_from_above_reads_by_whom_and_that_they_see_it(
    directory: ServiceUnderTest, register: Register, post: Post
) -> None:
    tenant, email = register.tenant(), address()
    trust = register.trust(tenant)
    above = directory.client(register.person(tenant, Role.ICB_ACCESS_MANAGER, name="Ida Shaw"))
    above.post("/v1/invitations", invitation(email, role="access-manager", organisation=trust))

    (mail,) = post.deliver().to(email)

    asked, seen = _sentences(mail.body)[1], _sentences(mail.body)[6]
    assert asked == f"Ida Shaw of {tenant} (fictional) asks you to act for {trust} (fictional) as access manager."
    assert f"chief executive and secretary, and by {tenant} (fictional). Private" in seen


def test_the_role_is_written_as_people_write_it(directory: ServiceUnderTest, register: Register, post: Post) -> None:
    tenant, email = register.tenant(), address()
    manager = directory.client(register.person(tenant, Role.ICB_ACCESS_MANAGER))
    manager.post("/v1/invitations", invitation(email, role="icb-lead"))

    (mail,) = post.deliver().to(email)

    assert "as ICB improvement lead.\n" in mail.body
