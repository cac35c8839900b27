"""Shapes of requests and answers."""

from marshmallow import fields, validate

from shared.schema import Schema, Text

LONGEST_NOTE = 5_000


class SaveAnswer(Schema):
    """How often a statement was true of oneself, and a note to oneself."""

    frequency = Text(longest=40, required=True)
    note = Text(longest=LONGEST_NOTE, load_default="")


class AnswerView(Schema):
    """One's own answer to one statement."""

    statement_id = fields.String(required=True)
    frequency = fields.String(required=True)
    note = fields.String(required=True)
    version = fields.Integer(required=True)
    saved_at = fields.DateTime(required=True)


class DomainSummary(Schema):
    """What a chair is shown of one domain."""

    domain = fields.String(required=True)
    title = fields.String(required=True)
    word = fields.String(required=True, validate=validate.OneOf(["strong", "mixed", "thin", "no_chance"]))
    answers = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class SharedByMe(Schema):
    """What one shows to one chair."""

    reader_id = fields.String(required=True)
    summary = fields.List(fields.Nested(DomainSummary), required=True)
    shared_at = fields.DateTime(required=True)


class MyReflection(Schema):
    """One's own reflection."""

    framework_id = fields.String(required=True)
    statements = fields.Integer(required=True)
    items = fields.List(fields.Nested(AnswerView), required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)
    shared = fields.List(fields.Nested(SharedByMe), required=True)


class FinishedView(Schema):
    """When one finished."""

    finished_at = fields.DateTime(required=True)


class ShareSummary(Schema):
    """Which domains to show to the chair."""

    domains = fields.List(Text(longest=60), required=True, validate=validate.Length(min=1, max=20))


class ShareView(Schema):
    """What was shared, with whom."""

    shared_with = fields.List(fields.String(), required=True)
    summary = fields.List(fields.Nested(DomainSummary), required=True)
    shared_at = fields.DateTime(required=True)


class StoppedView(Schema):
    """How many readers there were."""

    stopped = fields.Integer(required=True)


class SharedWithMe(Schema):
    """A summary that somebody chose to show."""

    person_id = fields.String(required=True)
    framework_id = fields.String(required=True)
    summary = fields.List(fields.Nested(DomainSummary), required=True)
    shared_at = fields.DateTime(required=True)


class SharedPage(Schema):
    """All summaries shown to whoever asks."""

    items = fields.List(fields.Nested(SharedWithMe), required=True)
    count = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)


class DomainWord(Schema):
    """One word for one domain."""

    domain = fields.String(required=True)
    title = fields.String(required=True)
    word = fields.String(required=True, validate=validate.OneOf(["strong", "mixed", "thin", "too_few"]))


class ProfileView(Schema):
    """Where the board is strong, mixed or thin."""

    framework_id = fields.String(required=True)
    completed = fields.Integer(required=True)
    shown_from = fields.Integer(required=True)
    shown = fields.Boolean(required=True)
    people = fields.Integer(required=True, allow_none=True)
    as_at = fields.DateTime(required=True, allow_none=True)
    domains = fields.List(fields.Nested(DomainWord), required=True)


class FrameworkRow(Schema):
    """A framework without its content."""

    id = fields.String(required=True)
    version = fields.String(required=True)
    title = fields.String(required=True)
    illustrative = fields.Boolean(required=True)
    published_at = fields.DateTime(required=True)


class FrameworkPage(Schema):
    """The published frameworks."""

    items = fields.List(fields.Nested(FrameworkRow), required=True)
    count = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)
