"""Names, addresses and parts pasted from a spreadsheet, a mail or a list."""

import pytest

from services.portal.pages.rounds.pasting import Pasted, read_lines


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Anna Smith, anna@x.example, non-executive", Pasted("Anna Smith", "anna@x.example", "non_executive")),
        ("Anna Smith\tExecutive Director\tANNA@x.example", Pasted("Anna Smith", "anna@x.example", "executive")),
        ("Anna Smith <anna@x.example>; NED", Pasted("Anna Smith", "anna@x.example", "non_executive")),
        ("anna@x.example", Pasted("", "anna@x.example", "")),
        ("Anna Smith", Pasted("Anna Smith", "", "")),
        ("Anna Smith, Medical Director", Pasted("Anna Smith", "", "")),
    ],
)
def test_a_line_is_read_in_any_order(line: str, wanted: Pasted) -> None:
    assert read_lines(line) == [wanted]


def test_empty_lines_are_nobody() -> None:
    assert read_lines("\n  \n,;,\nAnna\n") == [Pasted("Anna", "", "")]
