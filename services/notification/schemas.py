"""Shapes of requests and answers."""

from marshmallow import fields, validate

from shared.schema import Flag, PageQuery, Schema


class InboxQuery(PageQuery):
    """Which messages: all, or only those not read yet."""

    unread = fields.Boolean(load_default=False)


class MessageView(Schema):
    """One message, in words."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    line = fields.String(required=True)
    link = fields.String(required=True)
    about = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    read_at = fields.DateTime(required=True, allow_none=True)


class InboxView(Schema):
    """A page of the inbox."""

    items = fields.List(fields.Nested(MessageView), required=True)
    unread = fields.Integer(required=True)
    count = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)


class ReadView(Schema):
    """When a message was first read."""

    id = fields.UUID(required=True)
    read_at = fields.DateTime(required=True)


class PreferenceView(Schema):
    """One kind of mail."""

    kind = fields.String(required=True)
    title = fields.String(required=True)
    urgent = fields.Boolean(required=True)
    can_be_turned_off = fields.Boolean(required=True)
    mail = fields.Boolean(required=True)


class PreferencesView(Schema):
    """Every kind of mail and whether one gets it."""

    items = fields.List(fields.Nested(PreferenceView), required=True)


class ChangePreferences(Schema):
    """Which kinds of mail one wants from now on; kinds not named stay as they are."""

    mails = fields.Dict(
        keys=fields.String(validate=validate.Length(max=60)),
        values=Flag(),
        required=True,
        validate=validate.Length(min=1, max=60),
    )
