"""A line of text that is safe in mails and headings."""

from marshmallow import validate

from shared.schema import Text

ONE_LINE = r"^[^\r\n\t\v\f<>]*$"


class OneLine(Text):
    """Text without line breaks and angle brackets: it ends up in mails and headings."""

    def __init__(self, *, longest: int, **settings: object) -> None:
        super().__init__(longest=longest, **settings)
        self.validators.append(validate.Regexp(ONE_LINE, error="Use one line without < or >."))
