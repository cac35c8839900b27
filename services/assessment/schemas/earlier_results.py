"""How earlier self-assessments and the history of results look."""

from marshmallow import EXCLUDE, fields

from shared.schema import Schema


class EarlierFile(Schema):
    """A filled template, .xlsx or .csv."""

    class Meta:
        """A form may carry a token of the page it came from; it is not ours to read."""

        unknown = EXCLUDE

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class EarlierView(Schema):
    """A self-assessment done elsewhere; it is history once confirmed."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    question_set_id = fields.String(required=True)
    agreed_on = fields.Date(required=True)
    confirmed = fields.Boolean(required=True)
    imported_by = fields.String(required=True)
    imported_at = fields.DateTime(required=True)
    sha256 = fields.String(required=True)
    practices = fields.List(fields.Dict(), required=True)


class HistoryPractice(Schema):
    """The overall level of one practice then, or None where none was given."""

    practice_id = fields.String(required=True)
    title = fields.String(required=True)
    level = fields.Integer(required=True, allow_none=True)


class HistoryItem(Schema):
    """One result of the organisation: signed here (then `id` is the self-assessment), or imported."""

    id = fields.UUID(required=True)
    imported = fields.Boolean(required=True)
    name = fields.String(required=True)
    question_set_id = fields.String(required=True)
    agreed_on = fields.Date(required=True)
    revision = fields.Integer(required=True)
    practices = fields.List(fields.Nested(HistoryPractice), required=True)


class HistoryPage(Schema):
    """All results over the years, the newest first."""

    items = fields.List(fields.Nested(HistoryItem), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)
