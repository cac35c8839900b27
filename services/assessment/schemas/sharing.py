"""How sharing looks, for the organisation and for its ICB."""

from marshmallow import fields

from shared.schema import Schema


class ProposalView(Schema):
    """What the lead suggests to share."""

    share_summary = fields.Boolean(required=True)
    share_priorities = fields.Boolean(required=True)
    count_us = fields.Boolean(required=True)
    how_much = fields.String(required=True, allow_none=True)
    valid_until = fields.Date(required=True, allow_none=True)
    proposed_by = fields.String(required=True)
    proposed_at = fields.DateTime(required=True)


class SummaryItem(Schema):
    """One item of a summary that shows items; its reason where reasons are shown too."""

    item_id = fields.String(required=True)
    title = fields.String(required=True)
    level = fields.Integer(required=True)
    level_name = fields.String(required=True)
    reason = fields.String()


class SummaryPractice(Schema):
    """One practice of a shared summary; its items where they are shown."""

    practice_id = fields.String(required=True)
    title = fields.String(required=True)
    level = fields.Integer(required=True)
    level_name = fields.String(required=True)
    items = fields.List(fields.Nested(SummaryItem))


class SummaryContent(Schema):
    """The summary, as shown beforehand and as the ICB reads it."""

    round_name = fields.String(required=True)
    question_set_id = fields.String(required=True)
    signed_off_at = fields.DateTime(required=True)
    corrected_on = fields.Date(allow_none=True)
    practices = fields.List(fields.Nested(SummaryPractice), required=True)


class ReadingView(Schema):
    """Who of the audience looked, and when."""

    sharing_id = fields.UUID(required=True)
    audience_tenant = fields.String(required=True)
    person_id = fields.String(required=True)
    first_read_at = fields.DateTime(required=True)
    last_read_at = fields.DateTime(required=True)


class GrantView(Schema):
    """One thing that is or was shared."""

    id = fields.UUID(required=True)
    round_id = fields.UUID(required=True)
    round_name = fields.String(required=True)
    what = fields.String(required=True)
    shared_with = fields.String(required=True)
    granted_by = fields.String(required=True)
    granted_at = fields.DateTime(required=True)
    stopped_by = fields.String(required=True, allow_none=True)
    stopped_at = fields.DateTime(required=True, allow_none=True)
    how_much = fields.String(required=True, allow_none=True)
    valid_until = fields.Date(required=True, allow_none=True)


class SharingView(Schema):
    """What is shared of a round; `version` changes with everything that a decision rests on."""

    round_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    progress_visible = fields.Boolean(required=True)
    proposal = fields.Nested(ProposalView, required=True, allow_none=True)
    preview = fields.Nested(SummaryContent, required=True, allow_none=True)
    granted = fields.List(fields.Nested(GrantView), required=True)
    seen = fields.List(fields.Nested(ReadingView), required=True)


class GrantWithReadings(GrantView):
    """One thing that is or was shared, and who looked."""

    seen = fields.List(fields.Nested(ReadingView), required=True)


class SharingPage(Schema):
    """Everything the organisation shares or shared."""

    items = fields.List(fields.Nested(GrantWithReadings), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)
    progress_visible = fields.Boolean(required=True)


class SharedSummary(Schema):
    """A summary that an organisation shares with its ICB."""

    sharing_id = fields.UUID(required=True)
    org_id = fields.String(required=True)
    org_name = fields.String(required=True, allow_none=True)
    fictional = fields.Boolean(required=True, allow_none=True)
    round_id = fields.UUID(required=True)
    how_much = fields.String(required=True)
    content = fields.Nested(SummaryContent, required=True)
    shared_at = fields.DateTime(required=True)
    valid_until = fields.Date(required=True, allow_none=True)


class SharedSummaryPage(Schema):
    """Summaries shared with the ICB, one or more for each organisation."""

    items = fields.List(fields.Nested(SharedSummary), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)
