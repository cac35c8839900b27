"""How the discussion and its result look."""

from marshmallow import fields

from shared.schema import Schema


class MiddleAndEnds(Schema):
    """The middle view and the outermost ones."""

    median = fields.Float(required=True)
    lowest = fields.Integer(required=True)
    highest = fields.Integer(required=True)


class RangeView(Schema):
    """The range of views on one item, or why it is not shown."""

    shown = fields.Boolean(required=True)
    reason = fields.String()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    cannot_judge = fields.Integer()
    answered = fields.Integer()
    median_spread = fields.Nested(MiddleAndEnds)
    commonest = fields.List(fields.Integer())
    words = fields.String()
    late_answers = fields.Boolean()
    executive = fields.Dict(keys=fields.String(), values=fields.Integer(), allow_none=True)
    non_executive = fields.Dict(keys=fields.String(), values=fields.Integer(), allow_none=True)


class AgreementView(Schema):
    """What the board agreed for one item."""

    item_id = fields.String(required=True)
    level = fields.Integer(required=True)
    reason = fields.String(required=True)
    evidence = fields.String(required=True)
    differed = fields.String(required=True)
    aim_level = fields.Integer(required=True, allow_none=True)
    recorded_by = fields.String(required=True)
    recorded_at = fields.DateTime(required=True)
    version = fields.Integer(required=True)


class OfferedText(Schema):
    """A text somebody offered to the discussion."""

    why = fields.String(required=True)
    evidence = fields.String(required=True)


class DiscussionItem(Schema):
    """One item in the discussion."""

    item_id = fields.String(required=True)
    practice_id = fields.String(required=True)
    title = fields.String(required=True)
    range = fields.Nested(RangeView, required=True)
    agreement = fields.Nested(AgreementView, required=True, allow_none=True)
    offered = fields.List(fields.Nested(OfferedText), required=True)
    parked = fields.Boolean(required=True)


class DiscussionPractice(Schema):
    """One practice in the discussion."""

    practice_id = fields.String(required=True)
    title = fields.String(required=True)
    level = fields.Integer(required=True, allow_none=True)
    version = fields.Integer(required=True)
    recorded_by = fields.String(required=True, allow_none=True)


class DiscussionView(Schema):
    """What the board has before it."""

    round_id = fields.UUID(required=True)
    state = fields.String(required=True)
    sent_back_note = fields.String(required=True, allow_none=True)
    ranges_held_back = fields.Boolean(required=True)
    items = fields.List(fields.Nested(DiscussionItem), required=True)
    practices = fields.List(fields.Nested(DiscussionPractice), required=True)
    suggested_together = fields.List(fields.String(), required=True)
    widest_first = fields.List(fields.String(), required=True)


class AgreedTogether(Schema):
    """Which items were agreed now, and which had been before."""

    agreed = fields.List(fields.String(), required=True)
    agreed_before = fields.List(fields.String(), required=True)


class Aside(Schema):
    """Whether the board comes back to an item."""

    item_id = fields.String(required=True)
    parked = fields.Boolean(required=True)


class PracticeLevelView(Schema):
    """The overall level of a practice."""

    practice_id = fields.String(required=True)
    level = fields.Integer(required=True)
    version = fields.Integer(required=True)
