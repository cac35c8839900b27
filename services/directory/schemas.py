"""Shapes of requests and answers."""

from marshmallow import EXCLUDE, fields, validate

from services.directory.domain.kinds import Kind
from shared.schema import Code, PageQuery, Schema, Text

MOST_IDS = 500
ONE_LINE = r"^[^\r\n\t\v\f<>]*$"


class OneLine(Text):
    """Text without line breaks and angle brackets: it ends up in mails and headings."""

    def __init__(self, *, longest: int, **settings: object) -> None:
        super().__init__(longest=longest, **settings)
        self.validators.append(validate.Regexp(ONE_LINE, error="Use one line without < or >."))


class OrganisationsQuery(PageQuery):
    """Which part of the register is asked for."""

    kind = fields.String(validate=validate.OneOf([kind.value for kind in Kind]))
    tenant = Code()
    q = fields.String(validate=validate.Length(max=100))
    closed = fields.Boolean(load_default=False)


class PeopleQuery(PageQuery):
    """Whose people; without it those of the organisation acted for."""

    organisation = Code()


class OrganisationView(Schema):
    """One organisation of the register."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    region = fields.String(required=True, allow_none=True)
    sector = fields.String(required=True, allow_none=True)
    fictional = fields.Boolean(required=True)
    source = fields.String(required=True)
    open_from = fields.Date(required=True, allow_none=True)
    open_until = fields.Date(
        required=True, allow_none=True, metadata={"description": "First day on which it is no longer open."}
    )
    tenant = fields.String(required=True, allow_none=True)
    tenant_name = fields.String(required=True, allow_none=True)
    tenant_since = fields.Date(required=True, allow_none=True)


class DatedName(Schema):
    """A name with its days; the end day is the first on which it no longer holds."""

    name = fields.String(required=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(required=True, allow_none=True)
    source = fields.String(required=True)


class DatedTenancy(Schema):
    """A tenant with its days."""

    tenant = fields.String(required=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(required=True, allow_none=True)
    source = fields.String(required=True)


class SuccessionView(Schema):
    """The other end of a succession."""

    code = fields.String(required=True)
    effective_on = fields.Date(required=True)
    kind = fields.String(required=True)
    evidence = fields.String(required=True)


class OrganisationDetail(OrganisationView):
    """One organisation with its history."""

    names = fields.List(fields.Nested(DatedName), required=True)
    tenancies = fields.List(fields.Nested(DatedTenancy), required=True)
    predecessors = fields.List(fields.Nested(SuccessionView), required=True)
    successors = fields.List(fields.Nested(SuccessionView), required=True)


class OrganisationPage(Schema):
    """A page of the register."""

    items = fields.List(fields.Nested(OrganisationView), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)


class Move(Schema):
    """Where to, from which day, and why."""

    to_tenant = Code(required=True)
    effective_on = fields.Date(required=True)
    reason = OneLine(longest=500, required=True)


class MoveView(Schema):
    """A move as recorded."""

    code = fields.String(required=True)
    from_tenant = fields.String(required=True, allow_none=True)
    to_tenant = fields.String(required=True)
    effective_on = fields.Date(required=True)


class RegisterFile(Schema):
    """A published register file, plain or zipped."""

    class Meta:
        """A form may carry a token of the page it came from; it is not ours to read."""

        unknown = EXCLUDE

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class DifferenceView(Schema):
    """One difference between the file and the register."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)
    effective_on = fields.Date(required=True, allow_none=True)


class ImportReport(Schema):
    """What the file would change, or changed; the last four lists are never applied."""

    new = fields.List(fields.Nested(DifferenceView), required=True)
    renamed = fields.List(fields.Nested(DifferenceView), required=True)
    closed = fields.List(fields.Nested(DifferenceView), required=True)
    reopened = fields.List(fields.Nested(DifferenceView), required=True)
    moved = fields.List(fields.Nested(DifferenceView), required=True)
    unknown_icb = fields.List(fields.Nested(DifferenceView), required=True)
    outside_england = fields.List(fields.Nested(DifferenceView), required=True)
    absent = fields.List(fields.Nested(DifferenceView), required=True)
    long_closed = fields.List(fields.Nested(DifferenceView), required=True)
    unchanged = fields.Integer(required=True)
    to_apply = fields.Integer(required=True)


class ImportView(Schema):
    """A dry run, and whether it was applied."""

    id = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["tried", "applied"]))
    file_name = fields.String(required=True)
    sha256 = fields.String(required=True)
    row_count = fields.Integer(required=True)
    report = fields.Nested(ImportReport, required=True)
    uploaded_by = fields.String(required=True)
    uploaded_at = fields.DateTime(required=True)
    applied_by = fields.String(required=True, allow_none=True)
    applied_at = fields.DateTime(required=True, allow_none=True)


class RoleHeld(Schema):
    """One role of a person in the organisation."""

    membership_id = fields.UUID(required=True)
    role = fields.String(required=True)
    title = fields.String(required=True)
    since = fields.DateTime(required=True)
    until = fields.DateTime(required=True, allow_none=True)


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


class Invite(Schema):
    """Who is invited to which role; `organisation` only where one may fill a first post elsewhere."""

    name = OneLine(longest=100, required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))
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
    until = fields.DateTime(required=True, allow_none=True)
    invited_by = fields.String(required=True)
    accepted_at = fields.DateTime(required=True, allow_none=True)


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
    expires_at = fields.DateTime(required=True)


class AcceptedView(Schema):
    """What was taken up; `account_known` tells whether the person had a sign-in before."""

    organisation = fields.String(required=True)
    org_id = fields.String(required=True)
    role = fields.String(required=True)
    account_known = fields.Boolean(required=True)


class EndMembership(Schema):
    """Why a role ends."""

    reason = OneLine(longest=300, required=True)


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
