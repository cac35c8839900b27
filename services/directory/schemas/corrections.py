"""Shapes of a corrected name and of a changed address."""

from marshmallow import fields

from services.directory.schemas.one_line import EmailAddress, PersonName
from shared.schema import Schema


class NewName(Schema):
    """What somebody is called from now on."""

    name = PersonName(required=True)


class CorrectedNameView(Schema):
    """A name as it is now; `changed` is false for one that was that already."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)
    changed = fields.Boolean(required=True)
    account_kept_by_operator = fields.Boolean(
        required=True, metadata={"description": "The sign-in account shows the old name until an operator changes it."}
    )


class NewAddress(Schema):
    """Where the link is mailed, and mails go once it was followed."""

    email = EmailAddress(required=True)


class AddressChangeView(Schema):
    """A new address that waits for its link to be followed."""

    email = fields.String(required=True)
    expires_at = fields.DateTime(required=True)


class ChangeStoppedView(Schema):
    """The link does not work any more."""

    stopped = fields.Boolean(required=True)


class AddressChangedView(Schema):
    """The address from now on."""

    email = fields.String(required=True)
