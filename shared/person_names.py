"""Names of people as they are typed: tidied, and refused where nobody could be called that.

A name stands in mails and headings and goes to the sign-in service, which takes few signs in it: a name that we took
and it refused would leave its person without an account for good. Letters of two alphabets that look alike would let
one person pass for another.
"""

import unicodedata
from collections.abc import Iterable

LONGEST = 100
SIGNS = frozenset("-'.’‘‐‑–·@_+")
"""Signs that names have, and those of an e-mail address, which stands for the name in a list that has none."""
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of what cannot be seen, or breaks the line."""
NEVER_DRAWN = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""Default_Ignorable_Code_Point of DerivedCoreProperties.txt, Unicode 16.0, first and last of each range: letters and
marks among them leave no trace in a name. Python's `unicodedata` does not have the property."""
MOST_ON_A_LETTER = 3
"""Marks on one letter that take no room of their own: more would cover the lines around it."""
DRESSED_UP = frozenset({"<font>", "<wide>", "<narrow>", "<super>", "<sub>", "<circle>", "<square>"})
"""How Unicode marks a letter that is another letter in a special shape."""
WRITTEN_TOGETHER = dict.fromkeys(("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"), "CJK")
OF_EVERY_ALPHABET = "MODIFIER"
"""An apostrophe that Unicode counts as a letter."""
WHAT_IS_ALLOWED = "Use letters, spaces, hyphens, apostrophes and dots, for example Jo O'Neill-Smith."


def person_name(typed: str) -> str:
    """Return the name in its one spelling; raises ValueError with a sentence that says what to do."""
    if len(typed) > LONGEST:
        raise ValueError(f"Enter between 1 and {LONGEST} characters.")
    name = _tidied(typed)
    wrong = _what_is_wrong(name)
    if wrong is not None:
        raise ValueError(wrong)
    return name


def _tidied(typed: str) -> str:
    """Return it composed (NFC), with one space between two words."""
    composed = unicodedata.normalize("NFC", typed)
    spaced = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in composed)
    return " ".join(word for word in spaced.split(" ") if word)


def _what_is_wrong(name: str) -> str | None:
    letters = [sign for sign in name if unicodedata.category(sign).startswith("L")]
    if any(_is_hidden(sign) for sign in name):
        return "Take out line breaks and characters that cannot be seen: type the name instead of pasting it."
    if "://" in name or "www." in name.casefold():
        return "Enter the person's name, without a web address."
    if foreign := next((sign for sign in name if not _belongs(sign)), None):
        return f"Take out {foreign} from the name. {WHAT_IS_ALLOWED}"
    if not letters:
        return f"Enter the person's name. {WHAT_IS_ALLOWED}"
    if any(unicodedata.decomposition(sign).split(" ")[0] in DRESSED_UP for sign in letters):
        return "Type the name with ordinary letters."
    if not _marks_fit(name):
        return f"Put accents on letters, and at most {MOST_ON_A_LETTER} on one. {WHAT_IS_ALLOWED}"
    alphabets = _alphabets(letters)
    if len(alphabets) > 1:
        mixed = " and ".join(alphabet.capitalize() if alphabet != "CJK" else "Chinese" for alphabet in alphabets)
        return f"Write the name in one alphabet, for example Li Wei: this one mixes {mixed} letters."
    return None if len(name) <= LONGEST else f"Enter between 1 and {LONGEST} characters."


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in HIDDEN or any(first <= ord(sign) <= last for first, last in NEVER_DRAWN)


def _marks_fit(name: str) -> bool:
    """Tell whether every mark is on a letter, and not too many on one; vowels with room of their own may be more."""
    on_it: int | None = None
    for category in map(unicodedata.category, name):
        if category.startswith("L"):
            on_it = 0
        elif not category.startswith("M"):
            on_it = None
        elif on_it is None or (on_it := on_it + (category != "Mc")) > MOST_ON_A_LETTER:
            return False
    return True


def _belongs(sign: str) -> bool:
    category = unicodedata.category(sign)
    return sign == " " or sign in SIGNS or category[0] in "LM" or category == "Nd"


def _alphabets(letters: Iterable[str]) -> list[str]:
    """Return the alphabets of the letters, each once, in order: the first word of Unicode's name for each."""
    named = (unicodedata.name(letter, "UNKNOWN").split(" ")[0] for letter in letters)
    return list(dict.fromkeys(WRITTEN_TOGETHER.get(name, name) for name in named if name != OF_EVERY_ALPHABET))
