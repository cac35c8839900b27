"""How drafts of question sets look, and what is asked about them."""

from marshmallow import EXCLUDE, fields, validate

from services.assessment.domain.texts import LONGEST_TEXT
from shared.schema import Schema


class QuestionSetFile(Schema):
    """A question set as a workbook, YAML or JSON."""

    class Meta:
        """A form may carry a token of the page it came from; it is not ours to read."""

        unknown = EXCLUDE

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class FormatQuery(Schema):
    """In which format a file is wanted, and whether as a start for the next version."""

    format = fields.String(load_default="xlsx", validate=validate.OneOf(("xlsx", "yaml", "json")))
    as_next = fields.Boolean(load_default=False)


class Note(Schema):
    """Why something is sent back."""

    note = fields.String(required=True, validate=validate.Length(max=LONGEST_TEXT))


class Retire(Schema):
    """From when on a question set is no longer used, and what to use instead."""

    retired_on = fields.Date(required=True)
    replaced_by = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=60))


class DraftSummary(Schema):
    """A draft without its content."""

    id = fields.UUID(required=True)
    question_set_id = fields.String(required=True)
    state = fields.String(required=True)
    title = fields.String(required=True)
    version = fields.String(required=True)
    audience = fields.String(required=True)
    file_name = fields.String(required=True)
    created_by = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    sent_by = fields.String(required=True, allow_none=True)
    sent_at = fields.DateTime(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = fields.DateTime(required=True, allow_none=True)


class DraftPage(Schema):
    """Drafts at work."""

    items = fields.List(fields.Nested(DraftSummary), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)


class ChangeView(Schema):
    """One text that differs."""

    place = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)


class ItemChange(Schema):
    """An item that is new or differs, and whether its levels can be compared with those before."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    what = fields.String(required=True)
    from_ = fields.String(required=True, allow_none=True, attribute="from", data_key="from")
    comparable = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    changes = fields.List(fields.Nested(ChangeView), required=True)


class ItemGone(Schema):
    """An item that the new version does not ask any more."""

    id = fields.String(required=True)
    title = fields.String(required=True)


class Changes(Schema):
    """What a draft changes."""

    about = fields.List(fields.Nested(ChangeView), required=True)
    practices = fields.List(fields.Nested(ChangeView), required=True)
    glossary = fields.List(fields.Nested(ChangeView), required=True)
    items = fields.List(fields.Nested(ItemChange), required=True)
    gone = fields.List(fields.Nested(ItemGone), required=True)
    unchanged = fields.Integer(required=True)


class DraftView(DraftSummary):
    """A draft with its content and what it changes."""

    compared_with = fields.String(required=True, allow_none=True)
    changes = fields.Nested(Changes, required=True)
    content = fields.Dict(required=True)
    may_decide = fields.Boolean(required=True)
