"""Nobody's mailbox is flooded: an organisation sends one address at most ten invitations in 24 hours."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from services.directory.commands import invitations as commands
from services.directory.domain.how_often import WITHIN
from services.directory.domain.invitations import MOST_MAILS
from services.directory.models import invitation
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import Client, ServiceUnderTest
from tests.integration.directory.conftest import Post, Register, age_invitation

TOO_OFTEN = (409, "/problems/invitation-sent-often")
OUR_HAND = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)


@pytest.fixture
def email() -> str:
    return f"{new_id()}@trust.example"


@pytest.fixture
def trust(register: Register) -> str:
    return register.trust()


@pytest.fixture
def manager(directory: ServiceUnderTest, register: Register, trust: str) -> Client:
    return directory.client(register.person(trust, Role.ACCESS_MANAGER))


def invite(manager: Client, email: str, role: Role = Role.BOARD_MEMBER) -> Any:
    return manager.post("/v1/invitations", {"name": "Bola Adeyemi", "email": email, "role": role.value})


def resend(manager: Client, sent: Any, times: int = 1) -> Any:
    answers = [manager.post(f"/v1/invitations/{sent.json['id']}/resend") for _ in range(times)]
    assert [answer.status_code for answer in answers[:-1]] == [200] * (times - 1)
    return answers[-1]


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"]


def test_the_eleventh_mail_to_an_address_is_refused_whatever_it_is_for(manager: Client, email: str) -> None:
    sent = invite(manager, email)
    assert resend(manager, sent, MOST_MAILS - 2).status_code == 200
    assert invite(manager, email.upper(), Role.CHAIR).status_code == 201

    refused = resend(manager, sent)

    assert outcome(refused) == outcome(invite(manager, email, Role.COMPANY_SECRETARY)) == TOO_OFTEN
    assert "10 invitations to this address in the last 24 hours" in refused.json["detail"]


def test_all_addresses_of_one_mailbox_count_together(manager: Client, email: str) -> None:
    name, domain = email.split("@")
    resend(manager, invite(manager, email), MOST_MAILS - 3)
    assert invite(manager, f"{name}+one@{domain}").status_code == 201
    assert invite(manager, f"{name}x@{domain}").status_code == 201

    assert invite(manager, f"{name}+two@{domain}").status_code == 201
    assert outcome(invite(manager, f"{name}+three@{domain}")) == TOO_OFTEN
    assert outcome(invite(manager, email, Role.CHAIR)) == TOO_OFTEN


def test_an_invitation_taken_back_counts_on(manager: Client, email: str) -> None:
    sent = invite(manager, email)
    resend(manager, sent, MOST_MAILS - 1)
    manager.post(f"/v1/invitations/{sent.json['id']}/withdraw")

    assert outcome(invite(manager, email)) == TOO_OFTEN


def test_other_addresses_and_other_organisations_go_on(
    directory: ServiceUnderTest, register: Register, manager: Client, trust: str, email: str
) -> None:
    resend(manager, invite(manager, email), MOST_MAILS - 1)
    sister = register.trust(directory.world.tenant_of(trust))
    elsewhere = directory.client(register.person(sister, Role.ACCESS_MANAGER))

    assert invite(elsewhere, email).status_code == 201
    assert invite(manager, f"{new_id()}@trust.example").status_code == 201


def test_a_day_later_it_may_be_sent_again_and_earlier_mails_are_forgotten(
    directory: ServiceUnderTest, manager: Client, email: str
) -> None:
    sent = invite(manager, email)
    resend(manager, sent, MOST_MAILS - 1)
    with directory.unit_of_work(OUR_HAND) as uow:
        kept = uow.session.execute(select(invitation.c.sendings).where(invitation.c.email == email)).scalar_one()
        assert len(kept) == MOST_MAILS
        earlier = [moment - WITHIN for moment in kept]
        uow.session.execute(update(invitation).where(invitation.c.email == email).values(sendings=earlier))
        uow.commit()

    assert resend(manager, sent).status_code == 200
    with directory.unit_of_work(OUR_HAND) as uow:
        kept = uow.session.execute(select(invitation.c.sendings).where(invitation.c.email == email)).scalar_one()
    assert len(kept) == 1


@pytest.mark.parametrize(("before", "renewed"), [(MOST_MAILS - 2, 200), (MOST_MAILS - 1, 409)])
def test_a_link_that_its_holder_renews_counts_as_well(
    directory: ServiceUnderTest, manager: Client, post: Post, email: str, before: int, renewed: int
) -> None:
    invite(manager, email)
    secret = post.deliver().secret_for(email)
    age_invitation(directory, email, timedelta(days=20))
    other = invite(manager, email, Role.CHAIR)
    resend(manager, other, before - 1)

    answer = directory.client_with(None).post(f"/v1/invitations/by-token/{secret}/renew")

    assert answer.status_code == renewed
    assert outcome(resend(manager, other)) == TOO_OFTEN
    assert renewed == 200 or outcome(answer) == TOO_OFTEN


def test_what_another_organisation_sent_does_not_keep_a_link_from_being_renewed(
    directory: ServiceUnderTest, register: Register, manager: Client, trust: str, post: Post, email: str
) -> None:
    invite(manager, email)
    secret = post.deliver().secret_for(email)
    age_invitation(directory, email, timedelta(days=20))
    sister = register.trust(directory.world.tenant_of(trust))
    elsewhere = directory.client(register.person(sister, Role.ACCESS_MANAGER))
    resend(elsewhere, invite(elsewhere, email), MOST_MAILS - 1)

    assert directory.client_with(None).post(f"/v1/invitations/by-token/{secret}/renew").status_code == 200


def test_who_sends_in_the_same_moment_waits_and_is_counted(
    directory: ServiceUnderTest, register: Register, trust: str, email: str
) -> None:
    sender = register.person(trust, Role.ACCESS_MANAGER)
    manager = directory.client(sender)
    resend(manager, invite(manager, email), MOST_MAILS - 2)

    with ThreadPoolExecutor(1) as pool, directory.unit_of_work(sender.principal()) as uow:
        commands.invite(uow, name="Bola Adeyemi", email=email, role=Role.CHAIR.value)
        other = pool.submit(invite, manager, email, Role.COMPANY_SECRETARY)
        waited = not wait([other], timeout=1).done
        uow.commit()

    assert (waited, outcome(other.result())) == (True, TOO_OFTEN)
