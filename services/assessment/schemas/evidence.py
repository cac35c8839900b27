"""What may be sent about evidence, and how it looks."""

from flask_smorest.fields import Upload
from marshmallow import fields, validate

from services.assessment.domain.evidence import StillTrue
from services.assessment.schemas.requests import LONGEST_ANYTHING
from shared.schema import Schema


class Place(Schema):
    """Which item it is for, what it shows, and the earlier piece it replaces."""

    item_id = fields.String(required=True, validate=validate.Length(max=100))
    title = fields.String(required=True, validate=validate.Length(max=LONGEST_ANYTHING))
    replaces = fields.UUID(load_default=None, allow_none=True)


class AddLink(Place):
    """The address of a page."""

    link = fields.String(required=True, validate=validate.Length(max=LONGEST_ANYTHING))


class EvidenceFile(Schema):
    """The file itself."""

    file = Upload(required=True)


class Answer(Schema):
    """Whether an earlier piece is still true; replacing it is adding another with `replaces`."""

    answer = fields.Enum(StillTrue, by_value=True, required=True, validate=validate.NoneOf([StillTrue.REPLACE]))


class FileView(Schema):
    """A file of a piece, and how far it is."""

    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    state = fields.String(required=True)
    refused_because = fields.String(required=True, allow_none=True)


class PieceView(Schema):
    """One piece of evidence: a file or a link."""

    id = fields.UUID(required=True)
    item_id = fields.String(required=True)
    title = fields.String(required=True)
    link = fields.String(required=True, allow_none=True)
    file = fields.Nested(FileView, required=True, allow_none=True)
    kept = fields.Boolean(required=True)
    added_by = fields.String(required=True)
    added_at = fields.DateTime(required=True)


class EvidencePage(Schema):
    """All evidence of a round, and what is still to be confirmed."""

    round_id = fields.UUID(required=True)
    changeable = fields.Boolean(required=True)
    items = fields.List(fields.Nested(PieceView), required=True)
    still_true = fields.List(fields.Nested(PieceView), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)


class FileLink(Schema):
    """Where the file can be fetched, and for how many seconds."""

    link = fields.String(required=True)
    seconds = fields.Integer(required=True)
