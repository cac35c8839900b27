"""Shapes of people, invitations and memberships."""

from marshmallow import fields, validate

from services.directory.schemas.one_line import EmailAddress, OneLine, PersonName
from shared.schema import Code, PageQuery, Schema

MOST_IDS = 500


class PeopleQuery(PageQuery):
    """Whose people; without it those of the organisation acted for."""

    organisation = Code()


class RoleHeld(Schema):
    """One role of a person in the organisation."""

    membership_id = fields.UUID(required=True)
    role = fields.String(required=True)
    title = fields.String(required=True)
    since = fields.DateTime(required=True)
    until = fields.Date(required=True, allow_none=True, metadata={"description": "Last day on which it is held."})


class PersonView(Schema):
    """A person with their roles; the address only for those who look after access."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.Nested(RoleHeld), required=True)


class PeoplePage(Schema):
    """A page of people."""

    items = fields.List(fields.Nested(PersonView), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)


class Emails(Schema):
    """Addresses to look up among the people of one's own organisation."""

    emails = fields.List(EmailAddress(), required=True, validate=validate.Length(max=100))


class FoundView(Schema):
    """Person ids by address."""

    found = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class Invite(Schema):
    """Who is invited to which role; `organisation` only where one may fill a first post elsewhere."""

    name = PersonName(required=True)
    email = EmailAddress(required=True)
    role = fields.String(required=True, validate=validate.Length(max=60))
    organisation = Code()
    until = fields.Date()


class InvitationView(Schema):
    """An invitation as its organisation sees it."""

    id = fields.UUID(required=True)
    organisation = fields.String(required=True)
    organisation_name = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True)
    role_title = fields.String(required=True)
    state = fields.String(required=True)
    sent_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True)
    until = fields.Date(required=True, allow_none=True)
    invited_by = fields.String(required=True)
    accepted_at = fields.DateTime(required=True, allow_none=True)
    lapsed = fields.Boolean(required=True, metadata={"description": "Its sender may no longer give the role."})


class InvitationPage(Schema):
    """The invitations of an organisation."""

    items = fields.List(fields.Nested(InvitationView), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)


class InvitationForInvitee(Schema):
    """What the page behind the link shows before anybody signs in."""

    name = fields.String(required=True)
    organisation_name = fields.String(required=True)
    fictional = fields.Boolean(required=True)
    role = fields.String(required=True)
    role_title = fields.String(required=True)
    role_meaning = fields.String(required=True)
    invited_by = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    can_be_renewed = fields.Boolean(required=True)
    expires_at = fields.DateTime(required=True)


class Accept(Schema):
    """How an invitation is accepted: with a work account, proved by its issuer's ID token, or without.

    `passkey` says how the person wants to sign in: with a passkey, or with a password and a code.
    """

    work_account = fields.String(validate=validate.Length(min=1, max=8000))
    passkey = fields.Boolean(truthy={True}, falsy={False})


class AcceptedView(Schema):
    """What was taken up; `account_known` tells whether they sign in as they did before."""

    organisation = fields.String(required=True)
    org_id = fields.String(required=True)
    role = fields.String(required=True)
    account_known = fields.Boolean(required=True)


class RenewedView(Schema):
    """A fresh link is on its way."""

    sent = fields.Boolean(required=True)


class EndMembership(Schema):
    """Why a role ends."""

    reason = OneLine(longest=300, required=True)


class RoleOfSomebody(RoleHeld):
    """One role with who holds it where."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)
    organisation = fields.String(required=True)
    organisation_name = fields.String(required=True)


class EndedView(Schema):
    """A role that has ended."""

    id = fields.UUID(required=True)
    person_id = fields.String(required=True)
    org_id = fields.String(required=True)
    role = fields.String(required=True)
    ended = fields.Boolean(required=True)


class MembershipView(Schema):
    """An organisation a person may act for."""

    org_id = fields.String(required=True)
    org_name = fields.String(required=True)
    org_kind = fields.String(required=True)
    tenant_id = fields.String(required=True, allow_none=True)
    tenant_name = fields.String(required=True, allow_none=True)
    fictional = fields.Boolean(required=True)
    roles = fields.List(fields.String(), required=True)


class MeView(Schema):
    """Who has signed in, and for whom they may act."""

    person_id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    memberships = fields.List(fields.Nested(MembershipView), required=True)
    national_roles = fields.List(fields.String(), required=True)


class Leaver(Schema):
    """A role that ended."""

    membership_id = fields.UUID(required=True)
    name = fields.String(required=True)
    title = fields.String(required=True)
    ended_at = fields.DateTime(required=True)


class LeaversPage(Schema):
    """Whose roles ended in the last twelve months."""

    items = fields.List(fields.Nested(Leaver), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)


class PersonIds(Schema):
    """Of whom something is asked."""

    person_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=MOST_IDS))


class NamesView(Schema):
    """Names by person id; people the caller cannot see are left out."""

    names = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class AddressView(Schema):
    """Where to send something to one person."""

    person_id = fields.String(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)


class AddressesView(Schema):
    """Addresses of those who are known."""

    people = fields.List(fields.Nested(AddressView), required=True)


class SecondFactorWanted(Schema):
    """What takes the place of the old second factor: a passkey, or a code.

    `unlink_work_account`: they sign in with their work account no longer, and set up everything from a mailed link.
    """

    passkey = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    unlink_work_account = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class SetupMailView(Schema):
    """A set-up mail that was asked for."""

    person_id = fields.String(required=True)
    asked_at = fields.DateTime(required=True)
