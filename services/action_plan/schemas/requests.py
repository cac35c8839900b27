"""What may be sent. Rules about dates, numbers and texts are the domain's; here is only what JSON may be."""

from typing import Any

from marshmallow import fields, validate

from services.action_plan.domain.actions import Status
from shared.schema import Flag, PageQuery, Schema

LONGEST_ANYTHING = 20_000
"""Characters before the domain looks at a text: its own limits give the sentence the person reads."""
MOST_CHOSEN = 50
"""Priorities in a request before the domain counts them."""


def _text(**settings: Any) -> fields.String:
    return fields.String(validate=validate.Length(max=LONGEST_ANYTHING), **settings)


def _status(**settings: Any) -> fields.String:
    words = [status.value for status in Status]
    return fields.String(validate=validate.OneOf(words, error=f"Use one of: {', '.join(words)}."), **settings)


class ChosenPriority(Schema):
    """One item that becomes a priority, in the lead's words."""

    item_id = fields.String(required=True, validate=validate.Length(max=100))
    title = _text(required=True)


class ChoosePriorities(Schema):
    """The priorities in their order."""

    priorities = fields.List(fields.Nested(ChosenPriority), required=True, validate=validate.Length(max=MOST_CHOSEN))


class WriteAim(Schema):
    """What the plan is for."""

    aim = _text(required=True)


class AddAction(Schema):
    """A new action."""

    priority_id = fields.UUID(required=True)
    title = _text(required=True)
    owner_id = fields.UUID(required=True)
    due_on = fields.Date(required=True)
    next_step = _text(load_default=None, allow_none=True)


class ChangeAction(Schema):
    """What changes about an action; what is left out stays."""

    title = _text()
    status = _status()
    next_step = _text(allow_none=True)
    blocked_by = _text(allow_none=True)
    stopped_reason = _text(allow_none=True)
    due_on = fields.Date()
    owner_id = fields.UUID()


class SendBack(Schema):
    """Why the plan goes back."""

    note = _text(required=True)


class DecideSharing(Schema):
    """What the chair decides."""

    share_priorities = Flag(required=True)


class ActionQuery(PageQuery):
    """Which actions."""

    mine = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
    overdue = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
    status = _status(load_default=None)
    plan_id = fields.UUID(load_default=None)
