"""Who of an organisation may be asked to answer: a range of views hides each answer among those of a board.

Whoever could have others asked at will, each under an address of their own, could subtract what they wrote themselves
and be left with one person's answer.
"""

from collections.abc import Iterable

from services.assessment.domain.errors import NotValid
from shared import replica
from shared.contracts.roles import RoleEntry, answering_roles, kind_for_roles
from shared.database import UnitOfWork


def may_answer(uow: UnitOfWork, org_id: str) -> set[str]:
    """People who hold today a role for which answering is meant, in this kind of organisation."""
    roles = [entry.role for entry in _roles_here(uow, org_id)]
    return set(replica.people_with_role(uow, org_id, roles))


def check_may_answer(uow: UnitOfWork, org_id: str, people: Iterable[str]) -> None:
    """Raises NotValid when somebody holds no such role today."""
    if set(people) <= may_answer(uow, org_id):
        return
    titles = [entry.title_in_a_sentence for entry in _roles_here(uow, org_id)]
    raise NotValid(
        "respondents",
        "Everybody you ask needs one of these roles in your organisation first: "
        f"{', '.join(titles[:-1])} or {titles[-1]}",
    )


def _roles_here(uow: UnitOfWork, org_id: str) -> list[RoleEntry]:
    kind = replica.kind_of(uow, org_id)
    return answering_roles(kind_for_roles(kind or "", code=org_id, tenant=uow.principal.tenant_id))
