"""Shapes of requests and answers: strict by default, because a field we do not know is a mistake worth telling."""

from typing import Any

from marshmallow import RAISE, ValidationError, fields, pre_load, validate
from marshmallow import Schema as MarshmallowSchema


class Schema(MarshmallowSchema):
    """A schema that refuses unknown fields, in bodies and in query strings alike."""

    class Meta:
        """Marshmallow's settings."""

        unknown = RAISE

    @pre_load
    def _refuse_null_characters(self, data: Any, **_: Any) -> Any:
        if isinstance(data, dict):
            for name, value in data.items():
                if isinstance(value, str) and "\x00" in value:
                    raise ValidationError("Remove the null character.", field_name=name)
        return data


class Text(fields.String):
    """Text of at most `longest` characters, trimmed; `required` text may not be blank."""

    def __init__(self, *, longest: int, **settings: Any) -> None:
        shortest = 1 if settings.get("required") and not settings.get("allow_none") else 0
        wanted = f"Enter between {shortest} and {longest} characters."
        rule = validate.Length(
            min=shortest or None,
            max=longest,
            error=wanted if shortest else f"Use at most {longest} characters.",
        )
        super().__init__(validate=rule, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).strip()


class Code(fields.String):
    """An organisation's code: letters and digits, upper case. Whether it exists is the register's business."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(validate=validate.Regexp(r"^[A-Z0-9]{2,10}$", error="Enter an organisation code."), **settings)


class Flag(fields.Boolean):
    """True or false; numbers and words that look like one are refused (in Python, 0 equals False)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Whole(fields.Integer):
    """A whole number; text that looks like one is refused."""

    def __init__(self, *, least: int | None = None, most: int | None = None, **settings: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=least, max=most), **settings)

    def _validated(self, value: Any) -> Any:
        if isinstance(value, str | bool):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class PageQuery(Schema):
    """The query of a list: where to go on, and how many rows."""

    cursor = fields.String(load_default=None, validate=validate.Length(max=500))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class Problem(MarshmallowSchema):
    """How every error looks (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))
