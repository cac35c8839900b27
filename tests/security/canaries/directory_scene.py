"""A trust's people and invitations: names and addresses are the canaries."""

from datetime import UTC, date, datetime
from pathlib import Path

from services.directory.commands.first_start import load_register
from services.directory.domain.ways_in import WayIn, WaysIn
from services.directory.own_ways_in import EXTENSION
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import Client
from shared.testing.world import Person
from tests.integration.directory.addresses_of_people import Addresses
from tests.integration.directory.conftest import Register
from tests.security.canaries.planting import words
from tests.security.canaries.recording import Recording, Scene

NAME = words(what="name")


def tell(service: Recording, _: Path) -> Scene:
    """Let a trust's access manager use every route of the service that is not the national team's."""
    with service.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        load_register(uow)
        uow.commit()
    register = Register(service)
    tenant = register.tenant()
    org = register.trust(tenant)
    manager = register.person(org, Role.ACCESS_MANAGER, name=NAME, email=_address())
    chairs_address, foreign_address = _address(), f"{new_id()}@sister.example"
    sister = register.person(register.trust(tenant), Role.CHAIR, name=words("sister", "name"), email=foreign_address)
    colleagues = {
        "chair": register.person(org, Role.CHAIR, name=NAME, email=chairs_address),
        "member": register.person(org, Role.BOARD_MEMBER, name=NAME, email=_address()),
    }
    client = service.client(manager)
    _invite(client)
    _look(client, org, colleagues["chair"].person_id)
    assert client.post("/v1/people/find", {"emails": [chairs_address]}).status_code == 200
    assert client.post(f"/v1/people/{colleagues['member'].person_id}/setup-mail").status_code == 200
    assert client.post(f"/v1/people/{colleagues['member'].person_id}/second-factor/reset").status_code == 200
    corrected = {"name": NAME.replace("-name", "-corrected")}
    assert client.patch(f"/v1/people/{colleagues['member'].person_id}", corrected).status_code == 200
    _remove_a_passkey(service, client)
    _change_ones_address(service, manager)
    _end_a_role(client, register.person(org, Role.BOARD_MEMBER, name=NAME, email=_address()).person_id)
    foreign = {colleagues["chair"].person_id: sister.person_id, chairs_address: foreign_address}
    appoints = frozenset({"icb-access-manager of the trust's ICB"})  # and so may see who is an access manager there
    return Scene(service, tenant, org, manager, colleagues, may_read={"GET /v1/people": appoints}, foreign=foreign)


def _address() -> str:
    return f"{words(what=str(new_id()))}@trust.example"


def _invite(client: Client) -> None:
    for step in ("resend", "withdraw"):
        body = {"name": NAME, "email": _address(), "role": "board-member", "until": date(2031, 3, 31).isoformat()}
        sent = client.post("/v1/invitations", body)
        assert sent.status_code == 201, sent.json
        assert client.post(f"/v1/invitations/{sent.json['id']}/{step}").status_code == 200
    assert client.get("/v1/invitations").status_code == 200


def _look(client: Client, org: str, person_id: str) -> None:
    for place in ("/v1/me", "/v1/me/account", "/v1/organisations", f"/v1/organisations/{org}", "/v1/people"):
        assert client.get(place).status_code == 200, place
    assert client.get("/v1/people", query_string={"organisation": org}).status_code == 200
    assert client.post("/v1/names", {"person_ids": [person_id]}).status_code == 200


def _remove_a_passkey(service: Recording, client: Client) -> None:
    """Whoever asks has two passkeys here, and afterwards nobody has one."""
    added_at = datetime(2026, 5, 3, tzinfo=UTC)
    passkeys = tuple(WayIn(str(new_id()), True, words(what="label"), added_at) for _ in range(2))
    service.app.extensions[EXTENSION] = lambda _: WaysIn(False, passkeys)
    assert client.get("/v1/me/ways-in").status_code == 200
    assert client.post(f"/v1/me/passkeys/{passkeys[0].id}/remove").status_code == 200
    service.app.extensions[EXTENSION] = lambda _: WaysIn(False, ())


def _change_ones_address(service: Recording, person: Person) -> None:
    """Ask, stop, ask again and confirm; another one waits, and the old address has not been told yet."""
    client, addresses = service.client(person), Addresses(service)
    for step in ("stop", "confirm", "leave"):
        new = _address()
        assert addresses.ask(person, new).status_code == 200
        if step == "stop":
            assert client.post("/v1/me/address/stop").status_code == 200
        if step == "confirm":
            addresses.deliver()
            assert addresses.look(person, addresses.link_to(new)).status_code == 200
            assert addresses.confirm(person, addresses.link_to(new)).status_code == 200


def _end_a_role(client: Client, person_id: str) -> None:
    found = next(person for person in client.get("/v1/people").json["items"] if person["person_id"] == person_id)
    place = f"/v1/memberships/{found['roles'][0]['membership_id']}"
    assert client.get(place).status_code == 200
    assert client.post(f"{place}/end", {"reason": words(what="reason")}).status_code == 200
    assert client.get("/v1/people/leavers").status_code == 200
