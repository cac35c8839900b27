"""Shapes of the register, of moves and of imports."""

from marshmallow import EXCLUDE, fields, validate

from services.directory.domain.kinds import Kind, Sector
from services.directory.schemas.one_line import OneLine
from shared.schema import Code, PageQuery, Schema


class OrganisationsQuery(PageQuery):
    """Which part of the register is asked for."""

    kind = fields.String(validate=validate.OneOf([kind.value for kind in Kind]))
    tenant = Code()
    q = fields.String(validate=validate.Length(max=100))
    closed = fields.Boolean(load_default=False)


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


ENTERED_BY_HAND = [Kind.ICB.value, Kind.PLACE.value, Kind.NATIONAL.value]


class NewOrganisation(Schema):
    """An ICB, a place or the national body to be entered by hand; trusts come from the published file."""

    code = Code(required=True)
    name = OneLine(longest=200, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(ENTERED_BY_HAND))
    opens_on = fields.Date(required=True)
    tenant = Code(metadata={"description": "The ICB of a place."})
    region = Code(metadata={"description": "The region of an ICB."})


class Successor(Schema):
    """Who takes over, and how."""

    code = Code(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["merger", "acquisition", "split", "replacement"]))


class Closing(Schema):
    """The last open day, and who takes over."""

    last_day = fields.Date(required=True)
    successors = fields.List(fields.Nested(Successor), validate=validate.Length(max=10))


class SectorOfTrust(Schema):
    """The sector in which a trust's figures are compared."""

    sector = fields.String(required=True, validate=validate.OneOf([sector.value for sector in Sector]))


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
