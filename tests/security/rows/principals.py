"""Everybody who might ask for a row, each differing from its owner in as little as possible.

A row policy is a few comparisons. For each comparison there is somebody here who fails that one alone, so that a policy
without it lets somebody in who is not on the reviewed list.
"""

from dataclasses import dataclass

TENANT, OTHER_TENANT, AUDIENCE = "TENANT1", "TENANT2", "TENANT3"
ORG, OTHER_ORG, INVITED_ORG = "TRUST1", "TRUST2", "TRUST3"
PERSON, OTHER_PERSON, READER = "author", "somebody else", "chosen reader"
ELSEWHERE = "ELSEWHERE"
SECRET = "hash of an invitation's secret"


@dataclass(frozen=True, slots=True)
class Asker:
    """The settings of one transaction; an empty text is a setting that was never made."""

    tenant_id: str = TENANT
    org_id: str = ORG
    person_id: str = PERSON
    scope: str = "org"
    move_to: str = ""
    invitation: str = ""

    def settings(self) -> dict[str, str]:
        """Return the settings by name, as the policies read them."""
        return {f"app.{name}": getattr(self, name) for name in self.__dataclass_fields__}


ASKERS: dict[str, Asker] = {
    "author": Asker(),
    "colleague": Asker(person_id=OTHER_PERSON),
    "chosen reader": Asker(person_id=READER),
    "author at a sister trust": Asker(org_id=OTHER_ORG),
    "author under another tenant": Asker(tenant_id=OTHER_TENANT),
    "colleague at a sister trust": Asker(org_id=OTHER_ORG, person_id=OTHER_PERSON),
    "colleague under another tenant": Asker(tenant_id=OTHER_TENANT, person_id=OTHER_PERSON),
    "author, moving by hand": Asker(tenant_id=OTHER_TENANT, move_to=TENANT),
    "author, giving away by hand": Asker(move_to=ELSEWHERE),
    "stranger": Asker(OTHER_TENANT, OTHER_ORG, OTHER_PERSON),
    "stranger, moving by hand": Asker(OTHER_TENANT, OTHER_ORG, OTHER_PERSON, move_to=TENANT),
    "invited organisation": Asker(OTHER_TENANT, INVITED_ORG, OTHER_PERSON),
    "ICB": Asker(TENANT, TENANT, OTHER_PERSON, "tenant"),
    "another ICB": Asker(OTHER_TENANT, OTHER_TENANT, OTHER_PERSON, "tenant"),
    "another ICB, the one who read": Asker(OTHER_TENANT, OTHER_TENANT, PERSON, "tenant"),
    "audience": Asker(AUDIENCE, AUDIENCE, OTHER_PERSON, "tenant"),
    "audience, the one who read": Asker(AUDIENCE, AUDIENCE, PERSON, "tenant"),
    "a trust of the audience": Asker(AUDIENCE, OTHER_ORG, PERSON),
    "national": Asker("NATIONAL", "NATIONAL", OTHER_PERSON, "national"),
    "operator": Asker("NATIONAL", "NATIONAL", OTHER_PERSON, "operator"),
    "public": Asker("PUBLIC", "PUBLIC", "", "public"),
    "public with the secret": Asker("PUBLIC", "PUBLIC", "", "public", invitation=SECRET),
    "stranger with the secret": Asker(OTHER_TENANT, OTHER_ORG, OTHER_PERSON, invitation=SECRET),
    "own process": Asker(person_id="", scope="service"),
    "own process elsewhere": Asker(OTHER_TENANT, OTHER_ORG, "", "service"),
    "own process, old tenant": Asker(OTHER_TENANT, ORG, "", "service"),
    "own process, moving": Asker(OTHER_TENANT, ORG, "", "service", move_to=TENANT),
    "own process, moving another": Asker(OTHER_TENANT, OTHER_ORG, "", "service", move_to=TENANT),
    "own process, giving away": Asker(person_id="", scope="service", move_to=ELSEWHERE),
    "own process as the author, old tenant": Asker(OTHER_TENANT, ORG, PERSON, "service"),
    "own process as the author, moving": Asker(OTHER_TENANT, ORG, PERSON, "service", move_to=TENANT),
    "nobody": Asker("", "", "", ""),
}
