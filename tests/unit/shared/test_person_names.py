"""Names and addresses as people type them: whoever is really called that is taken, tidied, and nobody else."""

import re
import unicodedata

import pytest

from services.directory.schemas.one_line import NEVER_IN_A_NAME
from shared import email_addresses
from shared.email_addresses import email_address
from shared.person_names import person_name

REAL = (
    "O'Neill-Smith",
    "Siân O’Brien",
    "Dr. Jo Brown",
    "Nguyễn Thị Ánh",
    "Łukasz Żółć",
    "李明",
    "山田 さくら",
    "Ольга Петрова",
    "ชำนาญ ใจดี",
    "佐々木 一ノ瀬",
    "ကျော်စွာ",
    "ʻAukai Kealoha",
    "Prudence",
    "jo.smith+board_2@trust.example",
)


@pytest.mark.parametrize("name", REAL)
def test_names_that_people_have_are_taken_as_they_are(name: str) -> None:
    assert person_name(name) == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  Jo   Brown ", "Jo Brown"),
        ("Jo\u00a0\u2003Brown", "Jo Brown"),
        (unicodedata.normalize("NFD", "Nguyễn Siân"), "Nguyễn Siân"),
    ],
)
def test_one_person_is_spelled_in_one_way(typed: str, name: str) -> None:
    assert person_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Enter the person's name"),
        (" \u00a0 ", "Enter the person's name"),
        ("12-3", "Enter the person's name"),
        ("Jo\nBrown", "line breaks"),
        ("Jo\u2028Brown", "line breaks"),
        ("Jo\u200bBrown", "cannot be seen"),
        ("\u202enworB oJ", "cannot be seen"),
        ("Jo \ue000", "cannot be seen"),
        ("Jo \u0378", "cannot be seen"),
        ("Jo \ud800", "cannot be seen"),
        ("Jo, see http://bad.example", "web address"),
        ("Jo WWW.bad.example", "web address"),
        ("Jo <b>", "Take out <"),
        ("Brown, Jo", "Take out ,"),
        ("Jo (chair)", "Take out ("),
        ("Jo\u3164", "cannot be seen"),
        ("\u1160", "cannot be seen"),
        ("Jo Brown\ufe0f", "cannot be seen"),
        ("Jo\u034f Brown", "cannot be seen"),
        ("Jo\u17b5", "cannot be seen"),
        ("Jo \U000e0100x", "cannot be seen"),
        ("J" + "\u0315" * 98, "at most 3 on one"),
        ("J" + "\u0315" * 4, "at most 3 on one"),
        ("Jo \u0301Brown", "accents on letters"),
        ("Jo-\u0301", "accents on letters"),
        ("Jo 😀", "Take out 😀"),
        ("𝐉𝐨 𝐁𝐫𝐨𝐰𝐧", "ordinary letters"),
        ("Ｊｏ", "ordinary letters"),
        ("Jо Brown", "mixes Latin and Cyrillic"),
        ("李 Wei", "mixes Chinese and Latin"),
        ("x" * 101, "between 1 and 100"),
    ],
)
def test_what_nobody_is_called_is_refused_with_what_to_do(typed: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        person_name(typed)


def test_every_sign_that_the_document_excludes_is_refused() -> None:
    """The document may not call wrong what is taken: hostile input is held to it."""
    taken = [chr(code) for code in range(0x3000) if _is_taken(f"Jo {chr(code)}x", person_name)]

    assert [sign for sign in taken if not re.match(NEVER_IN_A_NAME, sign)] == []
    assert re.match(NEVER_IN_A_NAME, "O'Neill-Smith Łukasz 李")


@pytest.mark.parametrize(
    "address", ["jo.brown@trust.example", "o'neill+board@nhs.uk", "a@b.co.uk", "j_b-1@x-y.example"]
)
def test_addresses_are_taken_in_lower_case(address: str) -> None:
    assert email_address(address.upper()) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "jo",
        "jo@trust",
        "jo@trust.example\n",
        " jo@trust.example",
        "jö@trust.example",
        "jo@trüst.example",
        "jо@trust.example",
        "jo..b@trust.example",
        "jo.@trust.example",
        ".jo@trust.example",
        "jo@-trust.example",
        "jo@trust-.example",
        "jo@10.0.0.1",
        "jo b@trust.example",
        "jo@a@trust.example",
        f"{'j' * 65}@trust.example",
        f"jo@{'t' * 60}.{'t' * 60}.{'t' * 60}.{'t' * 60}.{'t' * 20}.example",
    ],
)
def test_what_is_no_address_or_could_look_like_another_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="Enter an e-mail address"):
        email_address(address)


def test_every_address_that_is_taken_can_stand_for_the_name() -> None:
    signs = [chr(code) for code in range(0x250) if _is_taken(f"jo{chr(code)}x@trust.example", email_address)]

    assert {"+", "'", "_", "-", ".", "7"} <= set(signs)
    assert [sign for sign in signs if not _is_taken(f"jo{sign}x@trust.example", person_name)] == []
    assert all(re.match(email_addresses.PATTERN, f"jo{sign}x@trust.example") for sign in signs)


def _is_taken(typed: str, rule: object) -> bool:
    assert callable(rule)
    try:
        rule(typed)
    except ValueError:
        return False
    return True
