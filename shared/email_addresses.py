"""E-mail addresses of people as they are typed: ASCII alone, and lower case from here on.

Two addresses that look alike must not be two people, and what we take the sign-in service and the mail service take.
"""

import re

LONGEST = 254
NAME, LABEL = r"[A-Za-z0-9_'+-][A-Za-z0-9._'+-]{0,63}", r"[A-Za-z0-9][A-Za-z0-9-]{0,62}"
PATTERN = rf"^{NAME}@({LABEL}\.){{1,8}}[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]$"
WRONG = "Enter an e-mail address like jo.brown@trust.example, without spaces or accents."
_SHAPE = re.compile(PATTERN)


def email_address(typed: str) -> str:
    """Return the address in lower case, its one spelling; raises ValueError with a sentence that says what to do."""
    misplaced = ".." in typed or ".@" in typed or "-." in typed
    if len(typed) > LONGEST or misplaced or not typed.isprintable() or not _SHAPE.match(typed):
        raise ValueError(WRONG)
    return typed.lower()
