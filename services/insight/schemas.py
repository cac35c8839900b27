"""Shapes of requests and answers."""

from marshmallow import fields

from shared.schema import Schema, Text


class AssessmentProgress(Schema):
    """Dates and counts of the latest self-assessment; no level, no text."""

    opened_on = fields.Date(allow_none=True)
    closes_on = fields.Date(allow_none=True)
    discussion_on = fields.Date(allow_none=True)
    invited = fields.Integer(allow_none=True)
    finished = fields.Integer(allow_none=True)


class ActionCounts(Schema):
    """The three counts; stopped actions are in none."""

    done = fields.Integer(required=True)
    under_way = fields.Integer(required=True)
    overdue = fields.Integer(required=True)


class PlanProgress(Schema):
    """Where the plan stands."""

    state = fields.String(required=True)
    since = fields.Date(allow_none=True)
    priorities = fields.Integer(allow_none=True)
    actions = fields.Nested(ActionCounts, required=True)


class SharedThing(Schema):
    """What the ICB may read, in the service that holds it."""

    what = fields.String(required=True)
    since = fields.Date(allow_none=True)
    until = fields.Date(allow_none=True)


class TrustStatus(Schema):
    """One trust as its ICB sees it; a trust that does not show its progress has its name and nothing else."""

    org_id = fields.String(required=True)
    name = fields.String(required=True)
    sector = fields.String(allow_none=True)
    fictional = fields.Boolean(required=True)
    member_since = fields.Date(required=True)
    progress = fields.String(required=True)
    not_shared_since = fields.Date(allow_none=True)
    stage = fields.String()
    stage_since = fields.Date(allow_none=True)
    assessment = fields.Nested(AssessmentProgress, allow_none=True)
    last_signed_off_on = fields.Date(allow_none=True)
    last_corrected_on = fields.Date(allow_none=True)
    plan = fields.Nested(PlanProgress, allow_none=True)
    shared = fields.List(fields.Nested(SharedThing))


class TrustStatuses(Schema):
    """All member trusts of an ICB: at most a few dozen, so there are no pages."""

    items = fields.List(fields.Nested(TrustStatus), required=True)
    next = fields.String(allow_none=True)
    count = fields.Integer(required=True)


class AskForFigures(Schema):
    """What an analyst says when asking for a set."""

    as_at = fields.Date(load_default=None, allow_none=True)
    revises = fields.UUID(load_default=None, allow_none=True)
    revision_note = Text(longest=1000, load_default=None, allow_none=True)


class Check(Schema):
    """What the check of a set found; nothing yet while it is being made."""

    passed = fields.Boolean(allow_none=True, required=True)
    in_words = fields.List(fields.String(), required=True)
    unknowns = fields.Integer(required=True)
    insiders = fields.Integer(required=True)


class FigureSet(Schema):
    """A set of figures without its numbers."""

    id = fields.String(required=True)
    number = fields.Integer(required=True)
    state = fields.String(required=True)
    as_at = fields.Date(required=True)
    prepared_at = fields.DateTime(required=True)
    published_at = fields.DateTime(allow_none=True)
    revises = fields.String(allow_none=True)
    revision = fields.Integer(required=True)
    revision_note = fields.String(allow_none=True)
    fictional = fields.Boolean(required=True)
    check = fields.Nested(Check, required=True)
    cells_shown = fields.Integer(required=True)
    cells_hidden = fields.Integer(required=True)


class FigureSets(Schema):
    """All sets that may be seen, newest first."""

    items = fields.List(fields.Nested(FigureSet), required=True)
    next = fields.String(allow_none=True)
    count = fields.Integer(required=True)


class ValueTitle(Schema):
    """One value a measure can have."""

    code = fields.String(required=True)
    title = fields.String(required=True)


class MeasureView(Schema):
    """What a table counts."""

    code = fields.String(required=True)
    title = fields.String(required=True)
    definition = fields.String(required=True)
    values = fields.List(fields.Nested(ValueTitle), required=True)


class CountShown(Schema):
    """One count and its share: a number, or the word `suppressed`."""

    value = fields.String(required=True)
    title = fields.String(required=True)
    count = fields.Raw(required=True)
    percentage = fields.Raw(required=True)


class RowShown(Schema):
    """One group's numbers, or why there are none."""

    measure = fields.String(required=True)
    breakdown = fields.String(required=True)
    group_code = fields.String(required=True)
    group_name = fields.String(required=True)
    as_at = fields.Date(required=True)
    hidden = fields.String(allow_none=True)
    hidden_because = fields.String(allow_none=True)
    total = fields.Raw(required=True)
    cells = fields.List(fields.Nested(CountShown), required=True)


class FigureSetWithRows(FigureSet):
    """A set of figures."""

    measures = fields.List(fields.Nested(MeasureView), required=True)
    rows = fields.List(fields.Nested(RowShown), required=True)
    how_numbers_are_shown = fields.String(required=True)
    licence = fields.String(required=True)
