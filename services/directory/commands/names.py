"""A person's name is corrected by whoever looks after that person, never by the person alone.

The name stands under what somebody signed off. Whoever has made sure who it is corrects it, and the person is told.
"""

from typing import Any

from sqlalchemy import update

from services.directory import events
from services.directory.commands.accounts import check_own_person, lock_person, request_account
from services.directory.commands.elsewhere import other_organisations, record_elsewhere
from services.directory.commands.how_often import count_once_more
from services.directory.commands.looking_after import keeper_of, whom_to_ask
from services.directory.domain.how_often import NameCorrectedOften
from services.directory.models import person
from services.directory.own_hand import own_hand
from services.directory.queries.terms import is_of_national_team, terms_of
from shared import outbox
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT
from shared.problems import Conflict


def correct_name(uow: UnitOfWork, person_id: str, *, name: str) -> dict[str, Any]:
    """Give a person of the caller's organisation another name, and have them told; the present one changes nothing.

    It stands in the trail of each organisation for which they act. The sign-in account follows, except that of the
    national team, which an operator looks after. A national administrator corrects regional leads as well, whom no
    organisation looks after. Raises NotFound for anybody else's people, Conflict for oneself and for somebody whom
    another organisation looks after, NameCorrectedOften.
    """
    uow.about("person", person_id)
    org_id = uow.principal.org_id
    if person_id == uow.principal.person_id:
        raise Conflict("own-name", "Nobody corrects their own name. Ask another access manager.")
    check_own_person(uow, person_id, or_holds=Role.REGIONAL_LEAD)
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        who, terms = lock_person(uow, person_id), terms_of(uow, person_id)
        _check_looked_after_by(uow, org_id, person_id, keeper_of(terms, uow.now))
        by_operator = is_of_national_team(terms, uow.now)
        if changed := who.name != name:
            count_once_more(uow, who, person.c.name_corrected_at, refusal=NameCorrectedOften())
            uow.session.execute(update(person).where(person.c.person_id == person_id).values(name=name))
    if changed:
        here = any(term.org_id == org_id and term.holds(uow.now) for term in terms)
        _let_it_be_known(uow, person_id, here=here, account_follows=not by_operator)
    return {"person_id": person_id, "name": name, "changed": changed, "account_kept_by_operator": by_operator}


def _let_it_be_known(uow: UnitOfWork, person_id: str, *, here: bool, account_follows: bool) -> None:
    """Tell the person where they act (`here`, if they do), and every trail that is theirs; let the account follow."""
    own = uow.principal
    with own_hand(uow, str(own.tenant_id), str(own.org_id)):
        others = other_organisations(uow, person_id)
    where = own if here or not others else others[0]
    with own_hand(uow, str(where.tenant_id), str(where.org_id)):
        outbox.add(uow, events.person_name_corrected(person_id, str(where.org_id), corrected_at=uow.now))
    record_elsewhere(uow, person_id, others, action="person.name-corrected")
    if account_follows:
        request_account(uow, person_id)


def _check_looked_after_by(uow: UnitOfWork, org_id: str, person_id: str, home: str) -> None:
    if home == org_id:
        return
    if home == NATIONAL_TENANT:
        raise Conflict("name-of-another-organisation", "A national administrator corrects this person's name.")
    asked = whom_to_ask(uow, person_id, home, looks_after="their name", to="correct the name")
    raise Conflict("name-of-another-organisation", asked)
