"""A line of text that is safe in mails and headings; a person's name and e-mail address as they are typed."""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError, fields, validate

from shared import email_addresses, person_names
from shared.schema import Text

ONE_LINE = r"^[^\r\n\t\v\f<>]*$"
NEVER_IN_A_NAME = r'^[^\x00-\x1f\x7f<>&"$%!#?,;:*~/\\|^=\[\]{}()]*$'
"""What of the rule a pattern can say: the rest needs to know the letters of all alphabets (shared/person_names.py)."""


class OneLine(Text):
    """Text without line breaks and angle brackets: it ends up in mails and headings."""

    def __init__(self, *, longest: int, **settings: object) -> None:
        super().__init__(longest=longest, **settings)
        self.validators.append(validate.Regexp(ONE_LINE, error="Use one line without < or >."))


class _Ruled(fields.String):
    """Text in the one spelling that a rule gives it; the answer to text that it refuses says what to do."""

    def __init__(self, rule: Callable[[str], str], **settings: Any) -> None:
        super().__init__(**settings)
        self._rule = rule

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return self._rule(text)
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong


class PersonName(_Ruled):
    """A person's name, tidied."""

    def __init__(self, **settings: Any) -> None:
        documented = {"minLength": 1, "maxLength": person_names.LONGEST, "pattern": NEVER_IN_A_NAME}
        super().__init__(person_names.person_name, metadata=documented, **settings)


class EmailAddress(_Ruled):
    """A person's e-mail address, in lower case from here on."""

    def __init__(self, **settings: Any) -> None:
        documented = {"maxLength": email_addresses.LONGEST, "pattern": email_addresses.PATTERN}
        super().__init__(email_addresses.email_address, metadata=documented, **settings)
