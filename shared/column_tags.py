"""What a column may hold, said in the model itself.

Every column carries one of these tags; an untagged column fails the build. The tags drive the canary sweep, the log
sweep, and what export and erasure of a person's data must reach (UK GDPR articles 15, 17 and 20).
"""

from enum import StrEnum
from typing import Any


class Tag(StrEnum):
    """How careful we must be with a value."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    PRIVATE = "private"
    FREE_TEXT = "free_text"


PUBLIC: dict[Any, Any] = {"tag": Tag.PUBLIC}
INTERNAL: dict[Any, Any] = {"tag": Tag.INTERNAL}
PERSONAL: dict[Any, Any] = {"tag": Tag.PERSONAL}
PRIVATE: dict[Any, Any] = {"tag": Tag.PRIVATE}
FREE_TEXT: dict[Any, Any] = {"tag": Tag.FREE_TEXT}
