"""How somebody's own ways to sign in look."""

from marshmallow import fields, validate

from shared.schema import Schema


class WayInView(Schema):
    """One passkey or code; `removable` tells of a passkey whether somebody can sign in without it."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["passkey", "code"]))
    label = fields.String(required=True)
    added_at = fields.DateTime(required=True)
    removable = fields.Boolean(required=True)


class WaysInView(Schema):
    """With what somebody signs in; `kept_here` is false where an operator looks after the account."""

    kept_here = fields.Boolean(required=True)
    items = fields.List(fields.Nested(WayInView), required=True)


class PasskeyRemovalView(Schema):
    """A passkey is being removed."""

    asked_at = fields.DateTime(required=True)
