"""Names as a page shows them: only the capitals change."""

import pytest

from services.directory.domain.names import same_name, tidy_name


@pytest.mark.parametrize(
    ("official", "shown"),
    [
        ("MANCHESTER UNIVERSITY NHS FOUNDATION TRUST", "Manchester University NHS Foundation Trust"),
        ("GUY'S AND ST THOMAS' NHS FOUNDATION TRUST", "Guy's and St Thomas' NHS Foundation Trust"),
        (
            "THE QUEEN ELIZABETH HOSPITAL, KING'S LYNN,  NHS TRUST",
            "The Queen Elizabeth Hospital, King's Lynn, NHS Trust",
        ),
        ("THE ONLINE NHS TRUST", "The Online NHS Trust"),
    ],
)
def test_a_name_in_capitals_gets_ordinary_ones(official: str, shown: str) -> None:
    assert tidy_name(official) == shown


def test_a_name_that_has_ordinary_capitals_is_left_as_it_is() -> None:
    assert tidy_name("NHS  Devon Integrated Care Board") == "NHS Devon Integrated Care Board"


def test_tidying_never_changes_which_name_it_is() -> None:
    official = "ROYAL BROMPTON & HAREFIELD NHS FOUNDATION TRUST"

    assert same_name(official, tidy_name(official))


def test_another_word_is_another_name() -> None:
    assert not same_name("Royal Surrey County Hospital NHS Foundation Trust", "Royal Surrey NHS Foundation Trust")
