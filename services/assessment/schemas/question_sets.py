"""How question sets look."""

from marshmallow import INCLUDE, fields
from marshmallow import Schema as MarshmallowSchema

from shared.schema import Schema


class QuestionSetSummary(Schema):
    """A question set without its items."""

    id = fields.String(required=True)
    version = fields.String(required=True)
    audience = fields.String(required=True)
    title = fields.String(required=True)
    illustrative = fields.Boolean(required=True)
    published_at = fields.DateTime(required=True)
    retired_on = fields.Date(required=True, allow_none=True)
    replaced_by = fields.String(required=True, allow_none=True)
    effective_from = fields.String(required=True, allow_none=True)
    effective_to = fields.String(required=True, allow_none=True)
    replaces = fields.String(required=True, allow_none=True)


class QuestionSetPage(Schema):
    """The published question sets."""

    items = fields.List(fields.Nested(QuestionSetSummary), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)


class OpenSchema(MarshmallowSchema):
    """Content that may hold more than is named here."""

    class Meta:
        """Marshmallow's settings."""

        unknown = INCLUDE


class LevelView(OpenSchema):
    """One level of an item."""

    level = fields.Integer(required=True)
    name = fields.String(required=True)
    descriptor = fields.String(required=True)


class ItemView(OpenSchema):
    """One item."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    question = fields.String(required=True)
    levels = fields.List(fields.Nested(LevelView), required=True)
    evidence_prompts = fields.List(fields.String())
    discussion_prompts = fields.List(fields.String())


class PracticeView(OpenSchema):
    """One practice with its items."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    summary = fields.String()
    items = fields.List(fields.Nested(ItemView), required=True)


class QuestionSetView(OpenSchema):
    """A question set as it was published."""

    id = fields.String(required=True)
    version = fields.String(required=True)
    audience = fields.String(required=True)
    title = fields.String(required=True)
    illustrative = fields.Boolean(required=True)
    practices = fields.List(fields.Nested(PracticeView), required=True)


MAPPING_VIEW = {
    "type": "object",
    "description": "By item of the newer version: what it was in the older one.",
    "additionalProperties": {
        "type": "object",
        "required": ["from", "comparable", "reason"],
        "properties": {
            "from": {"type": ["string", "null"]},
            "comparable": {"type": "boolean"},
            "reason": {"type": ["string", "null"]},
        },
    },
}
"""Keys are item ids, which no class can name."""
