"""What the national team, operators and holders of a link do: every route that no trust's own story uses."""

import io
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import yaml
from sqlalchemy import select

from shared import quarantine
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.kafka import Record
from shared.mechanism import dead_letter
from shared.principal import NATIONAL_TENANT, Principal
from shared.quarantine import Refusal
from shared.testing.service_under_test import Client
from tests.integration.directory.conftest import Post, Register, age_invitation
from tests.security.canaries.recording import Recording, Scene
from tests.unit.assessment.question_set_example import whole_next_version

US = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)
LINK_IS_TOO_OLD = timedelta(days=20)


def act(scene: Scene) -> None:
    """Use every route that is left in the scene's service."""
    service = scene.service
    _good(service.client(scene.author).get("/v1/audit"))
    _operate(service)
    OF_SERVICE.get(service.name, lambda _: None)(scene)


def _good(response: object) -> None:
    status = getattr(response, "status_code", 0)
    assert status < 400, (status, getattr(response, "json", None))


def _operate(service: Recording) -> None:
    operator = service.client(service.world.national(Role.OPERATOR))
    again, left_out = (_buried(service) for _ in range(2))
    letters = "/v1/operations/dead-letters"
    for place in ("/v1/operations", letters, f"{letters}/{again}", f"/v1/operations/traces?id={again}"):
        _good(operator.get(place))
    _good(operator.post(f"{letters}/{again}/again"))
    _good(operator.post(f"{letters}/{left_out}/leave-out"))


def _buried(service: Recording) -> str:
    """Set an event aside, as the consumer does with one it cannot handle; return the letter's id."""
    headers = (("ce_id", str(new_id()).encode()), ("ce_type", b"impact.x.v1"), ("ce_aggregateversion", b"7"))
    record = Record("impact.assessment", 1, new_id().int % 10**9, b"key", b"{}", headers)
    with service.unit_of_work(US) as uow:
        quarantine.bury(uow, service.name, record, Refusal("unexpected", "KeyError"))
        uow.commit()
    with service.unit_of_work(US) as uow:
        return str(uow.session.scalar(select(dead_letter.c.id).where(dead_letter.c.offset == record.offset)))


def _look_after_the_register(scene: Scene) -> None:
    service, register = scene.service, Register(scene.service)
    administrator = service.client(register.national(Role.NATIONAL_ADMINISTRATOR))
    _import(administrator)
    old, new = register.tenant(), _code()
    trust, today = register.trust(old), datetime.now(UTC).date()
    entry = {"code": new, "name": "A new board (fictional)", "kind": "icb", "region": "Y61", "opens_on": "2026-10-01"}
    _good(administrator.post("/v1/organisations", entry))
    move = {"to_tenant": new, "effective_on": today.isoformat(), "reason": "Merger"}
    _good(administrator.post(f"/v1/organisations/{trust}/moves", move))
    _good(administrator.put(f"/v1/organisations/{trust}/sector", {"sector": "community"}))
    closing = {"last_day": (today - timedelta(days=1)).isoformat(), "successors": [{"code": new, "kind": "merger"}]}
    _good(administrator.post(f"/v1/organisations/{old}/close", closing))
    _good(_mail_service(service).post("/v1/addresses", {"person_ids": [str(new_id())]}))
    _follow_links(service, register)


def _code() -> str:
    return f"Z{uuid4().hex[:6]}".upper()


def _import(administrator: Client) -> None:
    cells = [""] * 27
    cells[0], cells[1], cells[2], cells[3], cells[10] = "ZZ901", "A NEW NHS TRUST", "Y56", "QKK", "20200401"
    content = ",".join(f'"{cell}"' for cell in cells) + "\r\n"
    tried = administrator.post("/v1/register-imports", data={"file": (io.BytesIO(content.encode()), "etr.csv")})
    _good(tried)
    _good(administrator.get(f"/v1/register-imports/{tried.json['id']}"))
    _good(administrator.post(f"/v1/register-imports/{tried.json['id']}/apply"))


def _mail_service(service: Recording) -> Client:
    """Return a client with the token of the service that sends mails."""
    now, client = int(time.time()), str(Role.NOTIFICATION_SENDER)
    of_service = {"iss": service.mint.issuer, "aud": "directory-api", "azp": client, "client_id": client}
    return service.client_with(
        service.mint.sign(of_service | {"typ": "Bearer", "sub": str(uuid4()), "iat": now, "exp": now + 300})
    )


def _follow_links(service: Recording, register: Register) -> None:
    """Accept an invitation, and ask for a fresh link when the first has run out."""
    manager = service.client(register.person(register.trust(), Role.ACCESS_MANAGER))
    post, nobody = Post(service), service.client_with(None)
    taken, late = (f"{new_id()}@trust.example" for _ in range(2))
    for email in (taken, late):
        _good(manager.post("/v1/invitations", {"name": "Wanda", "email": email, "role": "board-member"}))
    mails = post.deliver()
    age_invitation(service, late, LINK_IS_TOO_OLD)
    place = "/v1/invitations/by-token"
    _good(nobody.get(f"{place}/{mails.secret_for(taken)}"))
    _good(nobody.post(f"{place}/{mails.secret_for(taken)}/accept"))
    _good(nobody.post(f"{place}/{mails.secret_for(late)}/renew"))


def _publish_a_question_set(scene: Scene) -> None:
    service = scene.service
    editor = service.client(service.world.national(Role.NATIONAL_EDITOR))
    approver = service.client(service.world.national(Role.NATIONAL_APPROVER))
    place, dropped, draft = "/v1/question-set-drafts", _tried(editor), _tried(editor)
    one = f"{place}/{draft['id']}"
    for step in ("keep", "send"):
        _good(editor.post(f"{one}/{step}"))
    for read in (place, one, f"{one}/file"):
        _good(editor.get(read))
    _good(approver.post(f"{one}/send-back", {"note": "Two levels read alike."}))
    _good(editor.post(f"{one}/send"))
    _good(approver.post(f"{one}/publish"))
    _good(editor.post(f"{place}/{dropped['id']}/keep"))
    _good(editor.post(f"{place}/{dropped['id']}/discard"))
    _good(approver.post(f"/v1/question-sets/{draft['question_set_id']}/retire", {"retired_on": "2099-01-01"}))


def _tried(editor: Client) -> dict[str, str]:
    content = yaml.safe_dump(whole_next_version(id=f"set-{new_id()}")).encode()
    data = {"file": (io.BytesIO(content), "set.yaml")}
    tried = editor.post("/v1/question-set-drafts", data=data, content_type="multipart/form-data")
    _good(tried)
    return dict(tried.json)


def _publish_figures(scene: Scene) -> None:
    service, place = scene.service, "/v1/published-figures"
    analyst = service.client(service.world.national(Role.NATIONAL_ANALYST))
    asked = analyst.post(place, {})
    _good(asked)
    service.run_scheduler()
    for read in (place, f"{place}/{asked.json['id']}", f"{place}/{asked.json['id']}.csv"):
        _good(analyst.get(read))
    _good(analyst.post(f"{place}/{asked.json['id']}/publish"))


OF_SERVICE: Mapping[str, Callable[[Scene], None]] = {
    "directory": _look_after_the_register,
    "assessment": _publish_a_question_set,
    "insight": _publish_figures,
}
