"""Shapes of what the directory holds about whoever asks."""

from marshmallow import fields

from services.directory.schemas.corrections import AddressChangeView
from shared.schema import Schema


class OwnRole(Schema):
    """A role of one's own, with its dates."""

    organisation_name = fields.String(required=True)
    title = fields.String(required=True)
    since = fields.DateTime(required=True)
    until = fields.Date(required=True, allow_none=True)


class LinkedWorkAccount(Schema):
    """A work account that one may sign in with, as its issuer calls it."""

    shown_name = fields.String(required=True)
    linked_at = fields.DateTime(required=True)


class AccountView(Schema):
    """What the directory holds about oneself; not `address_kept_here`: an operator looks after the account.

    `name_kept_nationally`: a national administrator corrects the name, otherwise an access manager.
    """

    name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    address_kept_here = fields.Boolean(required=True)
    name_kept_nationally = fields.Boolean(required=True)
    address_change = fields.Nested(AddressChangeView, required=True, allow_none=True)
    roles = fields.List(fields.Nested(OwnRole), required=True)
    work_accounts = fields.List(fields.Nested(LinkedWorkAccount), required=True)
