"""How plans and actions look."""

from marshmallow import fields

from shared.schema import Schema


class ActionCounts(Schema):
    """The three numbers; stopped actions are in none of them."""

    done = fields.Integer(required=True)
    under_way = fields.Integer(required=True)
    overdue = fields.Integer(required=True)


class PlanSummary(Schema):
    """A plan in a list."""

    id = fields.UUID(required=True)
    round_id = fields.UUID(required=True)
    question_set_id = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    revision = fields.Integer(required=True)
    approved_revision = fields.Integer(required=True, allow_none=True)
    aim = fields.String(required=True)
    agreed_on = fields.Date(required=True)
    signed_off_on = fields.Date(required=True, allow_none=True)
    drafted_at = fields.DateTime(required=True)
    approval_requested_at = fields.DateTime(required=True, allow_none=True)
    approved_at = fields.DateTime(required=True, allow_none=True)
    closed_at = fields.DateTime(required=True, allow_none=True)
    close_code = fields.String(required=True, allow_none=True)
    sharing_proposed_at = fields.DateTime(required=True, allow_none=True)
    priority_count = fields.Integer(required=True)
    action_counts = fields.Nested(ActionCounts, required=True)
    notice = fields.String(required=True, allow_none=True)


class PlanPage(Schema):
    """The organisation's plans."""

    items = fields.List(fields.Nested(PlanSummary), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)


class AgreedItemView(Schema):
    """An item with the level the board agreed: what a priority can be chosen from."""

    item_id = fields.String(required=True)
    practice_id = fields.String(required=True)
    level = fields.Integer(required=True)
    aim_level = fields.Integer(required=True, allow_none=True)
    previous_level = fields.Integer(required=True, allow_none=True)


class ReasonView(Schema):
    """One reason of a suggestion: a code, and the numbers its sentence needs."""

    code = fields.String(required=True)
    points = fields.Integer(required=True)
    numbers = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class SuggestionView(Schema):
    """A suggested priority; `reason` is the weightiest of its reasons."""

    item_id = fields.String(required=True)
    practice_id = fields.String(required=True)
    score = fields.Integer(required=True)
    reason = fields.String(required=True)
    reasons = fields.List(fields.Nested(ReasonView), required=True)


class PriorityView(Schema):
    """A priority of a plan."""

    id = fields.UUID(required=True)
    item_id = fields.String(required=True)
    practice_id = fields.String(required=True)
    title = fields.String(required=True)
    position = fields.Integer(required=True)


class ActionView(Schema):
    """An action."""

    id = fields.UUID(required=True)
    plan_id = fields.UUID(required=True)
    priority_id = fields.UUID(required=True)
    item_id = fields.String(required=True)
    priority_title = fields.String(required=True)
    title = fields.String(required=True)
    owner_id = fields.String(required=True)
    due_on = fields.Date(required=True)
    overdue = fields.Boolean(required=True)
    owner_left = fields.Boolean(required=True)
    status = fields.String(required=True)
    next_step = fields.String(required=True)
    blocked_by = fields.String(required=True)
    stopped_reason = fields.String(required=True)
    version = fields.Integer(required=True)
    changed_at = fields.DateTime(required=True)


class ChangeView(Schema):
    """One value that changed."""

    field = fields.String(required=True)
    before = fields.String(required=True)
    after = fields.String(required=True)


class HistoryEntry(Schema):
    """Who changed what, and when."""

    at = fields.DateTime(required=True)
    person_id = fields.String(required=True)
    version = fields.Integer(required=True)
    changes = fields.List(fields.Nested(ChangeView), required=True)


class ActionWithHistory(ActionView):
    """An action and how it came to be as it is, newest first."""

    history = fields.List(fields.Nested(HistoryEntry), required=True)


class ActionPage(Schema):
    """Actions, soonest due first."""

    items = fields.List(fields.Nested(ActionView), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)


class ApprovedPlan(Schema):
    """The plan as it was last approved."""

    revision = fields.Integer(required=True)
    approved_by = fields.String(required=True)
    approved_as = fields.String(required=True)
    approved_at = fields.DateTime(required=True)
    aim = fields.String(required=True)
    priorities = fields.List(fields.Nested(PriorityView), required=True)


class PlanView(PlanSummary):
    """A plan on one page."""

    approval_requested_by = fields.String(required=True, allow_none=True)
    sent_back_note = fields.String(required=True, allow_none=True)
    sent_back_by = fields.String(required=True, allow_none=True)
    approved_by = fields.String(required=True, allow_none=True)
    items = fields.List(fields.Nested(AgreedItemView), required=True)
    suggestions = fields.List(fields.Nested(SuggestionView), required=True)
    priorities = fields.List(fields.Nested(PriorityView), required=True)
    dropped_priorities = fields.List(fields.Nested(PriorityView), required=True)
    actions = fields.List(fields.Nested(ActionView), required=True)
    approved = fields.Nested(ApprovedPlan, required=True, allow_none=True)


class SharedPriority(Schema):
    """A priority as the ICB reads it."""

    item_id = fields.String(required=True)
    practice_id = fields.String(required=True)
    title = fields.String(required=True)
    position = fields.Integer(required=True)
    action_counts = fields.Nested(ActionCounts, required=True)


class SharedContent(Schema):
    """What the ICB reads, as shown beforehand."""

    question_set_id = fields.String(required=True)
    approved_on = fields.Date(required=True)
    priorities = fields.List(fields.Nested(SharedPriority), required=True)


class ShownToIcb(Schema):
    """What the ICB reads now: frozen when the chair decided."""

    content = fields.Nested(SharedContent, required=True)
    shared_at = fields.DateTime(required=True)


class GrantView(Schema):
    """One act of sharing."""

    id = fields.UUID(required=True)
    shared_with = fields.String(required=True)
    granted_by = fields.String(required=True)
    granted_at = fields.DateTime(required=True)
    stopped_by = fields.String(required=True, allow_none=True)
    stopped_at = fields.DateTime(required=True, allow_none=True)


class ReadingView(Schema):
    """Who of the audience looked, and when."""

    sharing_id = fields.UUID(required=True)
    audience_tenant = fields.String(required=True)
    person_id = fields.String(required=True)
    first_read_at = fields.DateTime(required=True)
    last_read_at = fields.DateTime(required=True)


class PlanSharing(Schema):
    """What is shared of a plan; `version` changes with everything that a decision rests on."""

    plan_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    shared = fields.Boolean(required=True)
    proposed_at = fields.DateTime(required=True, allow_none=True)
    proposed_by = fields.String(required=True, allow_none=True)
    preview = fields.Nested(SharedContent, required=True, allow_none=True)
    shown = fields.Nested(ShownToIcb, required=True, allow_none=True)
    granted = fields.List(fields.Nested(GrantView), required=True)
    seen = fields.List(fields.Nested(ReadingView), required=True)


class SharedPlan(Schema):
    """Priorities that an organisation shares with its ICB."""

    sharing_id = fields.UUID(required=True)
    org_id = fields.String(required=True)
    org_name = fields.String(required=True, allow_none=True)
    fictional = fields.Boolean(required=True, allow_none=True)
    plan_id = fields.UUID(required=True)
    how_much = fields.String(required=True)
    content = fields.Nested(SharedContent, required=True)
    shared_at = fields.DateTime(required=True)


class SharedPlanPage(Schema):
    """Priorities shared with the ICB, at most one plan an organisation."""

    items = fields.List(fields.Nested(SharedPlan), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)
