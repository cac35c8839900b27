"""How signed results look."""

from marshmallow import fields

from shared.schema import Schema


class SignedView(Schema):
    """The signed round and the hash of its result."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class CorrectedView(Schema):
    """The new version and its hash."""

    id = fields.UUID(required=True)
    revision = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class Movement(Schema):
    """What moved since the result before, by id."""

    previous_round_id = fields.UUID(required=True, allow_none=True)
    previous_round_name = fields.String(required=True, allow_none=True)
    previous_imported = fields.Boolean(required=True)
    question_set_changed = fields.Boolean(required=True)
    items = fields.Dict(keys=fields.String(), values=fields.Dict(), required=True)
    practices = fields.Dict(keys=fields.String(), values=fields.Dict(), required=True)


class VersionView(Schema):
    """One version that was signed; the first has no reason, a correction says in words what it changed."""

    revision = fields.Integer(required=True)
    signed_at = fields.DateTime(required=True)
    signed_by = fields.String(required=True)
    signed_as = fields.String(required=True)
    meeting_on = fields.Date(required=True)
    sha256 = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    changes = fields.List(fields.String(), required=True)


class ResultView(Schema):
    """The frozen result: `sha256` is the SHA-256 of `canonical`, and `result` is what that text says."""

    round_id = fields.UUID(required=True)
    revision = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    canonical = fields.String(required=True)
    result = fields.Dict(required=True)
    versions = fields.List(fields.Nested(VersionView), required=True)
    movement = fields.Nested(Movement, required=True)


class ItemQuestionView(Schema):
    """A question about one item, with its answer when there is one."""

    id = fields.UUID(required=True)
    item_id = fields.String(required=True)
    question = fields.String(required=True)
    asked_by = fields.String(required=True)
    asked_at = fields.DateTime(required=True)
    answer = fields.String(required=True, allow_none=True)
    answered_by = fields.String(required=True, allow_none=True)
    answered_at = fields.DateTime(required=True, allow_none=True)


class ItemQuestionPage(Schema):
    """What was asked about a result."""

    items = fields.List(fields.Nested(ItemQuestionView), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)
