"""What may be sent. Rules about levels, dates and texts are the domain's; here is only what JSON may be."""

from typing import Any

from marshmallow import fields, validate

from services.assessment.domain.sharing import HowMuch
from shared.schema import Flag, Schema, Whole

LONGEST_ANYTHING = 20_000
"""Characters before the domain looks at a text: its own limits give the sentence the person reads."""


def _text(**settings: Any) -> fields.String:
    return fields.String(validate=validate.Length(max=LONGEST_ANYTHING), **settings)


class Invited(Schema):
    """One person who is asked to answer."""

    person_id = fields.UUID(required=True)
    executive = Flag(allow_none=True, load_default=None)


class OpenRound(Schema):
    """A new self-assessment."""

    question_set_id = fields.String(required=True)
    name = _text(required=True)
    closes_on = fields.Date(required=True)
    discussion_on = fields.Date(load_default=None, allow_none=True)
    note = _text(load_default=None, allow_none=True)
    respondents = fields.List(fields.Nested(Invited), required=True)
    draft = Flag(load_default=False)
    compares_sides = Flag(load_default=False)
    ranges_held_back = Flag(load_default=False)


class ChangeRound(Schema):
    """What may change while people are asked and answer; the closing date until they are asked."""

    name = _text()
    note = _text(allow_none=True)
    closes_on = fields.Date()
    discussion_on = fields.Date(allow_none=True)
    ranges_held_back = Flag()


class Invite(Schema):
    """More people."""

    respondents = fields.List(fields.Nested(Invited), required=True)


class Extend(Schema):
    """A later closing date."""

    closes_on = fields.Date(required=True)
    discussion_on = fields.Date(load_default=None, allow_none=True)


class Reopen(Schema):
    """Why answering begins again; a date when the old one has passed."""

    reason = _text(required=True)
    closes_on = fields.Date(load_default=None, allow_none=True)
    discussion_on = fields.Date(load_default=None, allow_none=True)


class WithReason(Schema):
    """A reason."""

    reason = _text(required=True)


class WithNote(Schema):
    """A note."""

    note = _text(required=True)


class SaveAnswer(Schema):
    """One's own answer to one item."""

    level = Whole(load_default=None, allow_none=True)
    cannot_judge = Flag(load_default=False)
    why = _text(load_default=None, allow_none=True)
    evidence = _text(load_default=None, allow_none=True)
    offered = Flag(load_default=False)


class RecordAgreement(Schema):
    """The level the board agreed for one item."""

    level = Whole(required=True)
    reason = _text(load_default=None, allow_none=True)
    evidence = _text(load_default=None, allow_none=True)
    differed = _text(load_default=None, allow_none=True)
    aim_level = Whole(load_default=None, allow_none=True)


class AgreeTogether(Schema):
    """Items to agree at the level most people chose."""

    item_ids = fields.List(fields.String(), required=True)


class RecordPracticeLevel(Schema):
    """The overall level of a practice."""

    level = Whole(required=True)


class RecordDecision(Schema):
    """The meeting that decided."""

    meeting_on = fields.Date(required=True)
    minute = _text(load_default=None, allow_none=True)


class SignOff(Schema):
    """The meeting that decided; without it the recorded decision is confirmed."""

    meeting_on = fields.Date(load_default=None, allow_none=True)
    minute = _text(load_default=None, allow_none=True)


class CorrectedItem(RecordAgreement):
    """One item put right, in full."""

    item_id = fields.String(required=True)


class CorrectedPractice(RecordPracticeLevel):
    """The overall level of one practice put right."""

    practice_id = fields.String(required=True)


class CorrectResult(Schema):
    """What is put right in which version of a signed result, why, and the meeting behind it."""

    revision = Whole(required=True, least=1)
    reason = _text(required=True)
    meeting_on = fields.Date(required=True)
    minute = _text(load_default=None, allow_none=True)
    items = fields.List(fields.Nested(CorrectedItem), load_default=list)
    practices = fields.List(fields.Nested(CorrectedPractice), load_default=list)


class WhichVersion(Schema):
    """Which version of a result; without it the newest."""

    revision = fields.Integer(load_default=None, validate=validate.Range(min=1))


class AskAboutItem(Schema):
    """A question about one item of a signed result."""

    question = _text(required=True)


class AnswerQuestion(Schema):
    """The answer to it."""

    text = _text(required=True)


class SharingTerms(Schema):
    """How much of the summary, and until when; without them the five practices, until it is stopped."""

    how_much = fields.Enum(HowMuch, by_value=True, load_default=HowMuch.PRACTICES)
    valid_until = fields.Date(load_default=None, allow_none=True)


class WhichDepth(Schema):
    """How deep the preview is; without it as deep as what is shared now."""

    how_much = fields.Enum(HowMuch, by_value=True, load_default=None)


class WhichSummaries(Schema):
    """All that is shared, or of each organisation the one signed off last alone."""

    newest_alone = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})


class ProposeSharing(SharingTerms):
    """What the lead suggests to share."""

    share_summary = Flag(required=True)
    share_priorities = Flag(load_default=False)
    count_us = Flag(required=True)


class DecideSharing(SharingTerms):
    """What the chair decides."""

    share_summary = Flag(required=True)
    count_us = Flag(required=True)
    progress_visible = Flag(required=True)


class ProgressVisibility(Schema):
    """Whether the ICB sees the organisation's progress."""

    visible = Flag(required=True)
