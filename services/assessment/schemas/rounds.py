"""How rounds and one's own answers look."""

from marshmallow import fields

from shared.schema import Schema


class RoundCreated(Schema):
    """The new round."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)


class RoundSummary(Schema):
    """A round in a list."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    question_set_id = fields.String(required=True)
    kind = fields.String(required=True)
    closes_on = fields.Date(required=True)
    discussion_on = fields.Date(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    opened_at = fields.DateTime(required=True, allow_none=True)
    closed_at = fields.DateTime(required=True, allow_none=True)
    agreed_at = fields.DateTime(required=True, allow_none=True)
    signed_off_at = fields.DateTime(required=True, allow_none=True)


class RoundPage(Schema):
    """The organisation's rounds."""

    items = fields.List(fields.Nested(RoundSummary), required=True)
    next = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)


class AskedPerson(Schema):
    """Somebody who is asked to answer."""

    person_id = fields.String(required=True)
    executive = fields.Boolean(required=True, allow_none=True)


class Respondents(Schema):
    """Counts for everybody; people for whoever runs the round, and who is asked for those who are asked too."""

    invited = fields.Integer(required=True)
    finished = fields.Integer(required=True)
    not_finished = fields.List(fields.String(), required=True, allow_none=True)
    people = fields.List(fields.Nested(AskedPerson), required=True, allow_none=True)


class Agreed(Schema):
    """How much of the discussion is recorded."""

    items = fields.Integer(required=True)
    of = fields.Integer(required=True)
    practices = fields.Integer(required=True)
    of_practices = fields.Integer(required=True)


class TaskView(Schema):
    """One step of the round: done, now or later."""

    task = fields.String(required=True)
    status = fields.String(required=True)


class DecisionView(Schema):
    """What the secretary recorded for the chair to confirm, and until when."""

    meeting_on = fields.Date(required=True)
    minute = fields.String(required=True)
    recorded_by = fields.String(required=True)
    recorded_at = fields.DateTime(required=True)
    confirm_by = fields.Date(required=True)


class RoundView(RoundSummary):
    """Where a round stands."""

    note = fields.String(required=True)
    compares_sides = fields.Boolean(required=True)
    ranges_held_back = fields.Boolean(required=True)
    reminded_on = fields.Date(required=True, allow_none=True)
    sent_back_note = fields.String(required=True, allow_none=True)
    reopen_reason = fields.String(required=True, allow_none=True)
    abandon_reason = fields.String(required=True, allow_none=True)
    decision = fields.Nested(DecisionView, required=True, allow_none=True)
    respondents = fields.Nested(Respondents, required=True)
    i_am_respondent = fields.Boolean(required=True)
    i_have_finished = fields.Boolean(required=True)
    agreed = fields.Nested(Agreed, required=True)
    tasks = fields.List(fields.Nested(TaskView), required=True)


class AnswerView(Schema):
    """One's own answer."""

    item_id = fields.String(required=True)
    level = fields.Integer(required=True, allow_none=True)
    cannot_judge = fields.Boolean(required=True)
    why = fields.String(required=True)
    evidence = fields.String(required=True)
    offered = fields.Boolean(required=True)
    version = fields.Integer(required=True)
    saved_at = fields.DateTime(required=True)


class MyAnswers(Schema):
    """One's own answers."""

    items = fields.List(fields.Nested(AnswerView), required=True)
    count = fields.Integer(required=True)
    finished = fields.Boolean(required=True)


class Finished(Schema):
    """Whether one has finished, and how many items one answered."""

    finished = fields.Boolean(required=True)
    answered = fields.Integer(required=True)
    of = fields.Integer(required=True)
