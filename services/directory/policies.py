"""Who may see and change the directory's own tables, held by the database.

Roles are given and taken by the directory's own hand alone (`own_hand.py`): a query made as a person, however wrong,
can neither make nor end an appointment. Reading follows the appointment:

* an appointment is seen by its organisation, by its holder and by our processes; besides, whoever appoints from above
  sees whom they may appoint and end: an ICB the access managers of its trusts and places (those of a trust it appoints
  while there are none) and the convenors of its places, the national team the access managers of ICBs and of the body
  it works for, and the leads of regions; neither sees anybody else there;
* a person is seen by whoever sees one of the person's appointments, or an appointment the person made: that is what
  "shares an organisation with" means here, and it keeps the names of people who have left on what they did;
* an invitation belongs to the organisation that invites and is shown to the one it is for. Somebody who has not signed
  in sees exactly the one whose secret they hold: its hash is a setting of the transaction, so that no query in a public
  route can list invitations.
"""

from dataclasses import replace

from shared.principal import NATIONAL_TENANT
from shared.tenancy import IS_SERVICE, SAME_ORG, SAME_PERSON, SAME_TENANT, SCOPE, WRITES_GLOBALLY, Rules, setting

_APPOINTMENT_SEEN = f"({SAME_TENANT} and {SAME_ORG}) or {SAME_PERSON} or {IS_SERVICE}"
APPOINTMENT_AT_FIRST = Rules(
    select=(
        f"{_APPOINTMENT_SEEN}"
        f" or ({SCOPE} = 'tenant' and {SAME_TENANT} and role = 'access-manager')"
        f" or ({SCOPE} = 'national' and role = 'icb-access-manager')"
    ),
    insert=IS_SERVICE,
    update=IS_SERVICE,
    delete=None,
)
"""What migration 0002 made; 0006 widened it."""
_APPOINTED_FROM_ABOVE = (
    f"({SCOPE} = 'tenant' and {SAME_TENANT} and role in ('access-manager', 'place-convenor'))"
    f" or ({SCOPE} = 'national' and role in ('icb-access-manager', 'regional-lead'))"
    f" or ({SCOPE} = 'national' and tenant_id = '{NATIONAL_TENANT}' and role = 'access-manager')"
)
APPOINTMENT = replace(APPOINTMENT_AT_FIRST, select=f"{_APPOINTMENT_SEEN} or {_APPOINTED_FROM_ABOVE}")
_IN_SEEN_APPOINTMENT = "person_id in (select a.person_id from appointment a)"
_IN_MADE_APPOINTMENT = "person_id in (select a.appointed_by from appointment a)"
PERSON_AT_FIRST = Rules(
    select=" or ".join((SAME_PERSON, IS_SERVICE, _IN_SEEN_APPOINTMENT, _IN_MADE_APPOINTMENT)),
    insert=IS_SERVICE,
    update=IS_SERVICE,
    delete=None,
)
"""What migration 0002 made; 0010 asks the same for each person by an index, instead of reading every appointment."""
HAS_SEEN_APPOINTMENT = "exists (select from appointment a where a.person_id = person.person_id)"
MADE_SEEN_APPOINTMENT = "exists (select from appointment a where a.appointed_by = person.person_id)"
PERSON = replace(
    PERSON_AT_FIRST, select=" or ".join((SAME_PERSON, IS_SERVICE, HAS_SEEN_APPOINTMENT, MADE_SEEN_APPOINTMENT))
)
INVITATION = Rules(
    select=(
        f"({SAME_TENANT} and {SAME_ORG}) or for_org = {setting('org_id')} or {IS_SERVICE}"
        f" or ({SCOPE} = 'public' and secret_hash = {setting('invitation')})"
    ),
    insert=f"({SAME_TENANT} and {SAME_ORG}) or {IS_SERVICE}",
    update=f"({SAME_TENANT} and {SAME_ORG}) or {IS_SERVICE}",
    delete=None,
)
"""As migration 0002 made it; since 0013 our own processes delete invitations that were kept long enough."""
INVITATION_DELETED_BY = IS_SERVICE
EXTERNAL_IDENTITY = Rules(select=f"{SAME_PERSON} or {IS_SERVICE}", insert=IS_SERVICE, update=None, delete=IS_SERVICE)
ADDRESS_CHANGE = Rules(select=f"{SAME_PERSON} or {IS_SERVICE}", insert=IS_SERVICE, update=IS_SERVICE, delete=IS_SERVICE)
FORMER_ADDRESS = Rules(select=IS_SERVICE, insert=IS_SERVICE, update=None, delete=IS_SERVICE)
REGISTER_IMPORT = Rules(select=WRITES_GLOBALLY, insert=WRITES_GLOBALLY, update=WRITES_GLOBALLY, delete=None)
