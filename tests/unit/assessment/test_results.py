import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.assessment.domain.agreements import Agreement
from services.assessment.domain.question_sets import parse
from services.assessment.domain.results import (
    RoundFacts,
    Signature,
    canonical,
    fingerprint,
    frozen_content,
    levels_by_item,
    levels_by_practice,
)
from services.assessment.domain.sharing import Signed, practice_summary
from tests.unit.assessment.question_set_example import raw_question_set

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


def agreement(level: int) -> Agreement:
    return Agreement(level=level, reason="Because – é", evidence="", differed="One thought otherwise", aim_level=5)


def content() -> dict[str, Any]:
    return frozen_content(
        RoundFacts(round_id="r1", org_id="DEMO01", name="Spring 2026", invited=12, finished=11),
        parse(raw_question_set()),
        {"i1": agreement(2), "i2": agreement(3), "i3": agreement(4)},
        {"p1": 3, "p2": 4},
        Signature("chair", "chair", datetime(2026, 5, 4, tzinfo=UTC), date(2026, 5, 4), "Item 7"),
    )


def test_the_result_holds_every_item_in_its_practice() -> None:
    frozen = content()

    assert levels_by_item(frozen) == {"i1": 2, "i2": 3, "i3": 4}
    assert levels_by_practice(frozen) == {"p1": 3, "p2": 4}
    assert frozen["took_part"] == {"invited": 12, "finished": 11}


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(), values, max_size=4))
def test_the_order_of_keys_never_changes_the_hash(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))

    assert fingerprint(canonical(turned)) == fingerprint(canonical(value))
    assert json.loads(canonical(value)) == value


def test_one_changed_letter_changes_the_hash() -> None:
    changed = content()
    changed["practices"][0]["items"][0]["reason"] = "Because - é"

    assert fingerprint(canonical(changed)) != fingerprint(canonical(content()))


def test_the_hash_is_sha_256_of_sorted_utf_8_json_without_blanks() -> None:
    by_hand = json.dumps(content(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    assert fingerprint(canonical(content())) == hashlib.sha256(by_hand).hexdigest()


def test_the_summary_for_the_icb_holds_practice_levels_and_no_word_of_the_discussion() -> None:
    signed = Signed(datetime(2026, 5, 4, tzinfo=UTC))

    summary = practice_summary(content(), parse(raw_question_set()), signed)

    assert [practice["level"] for practice in summary["practices"]] == [3, 4]
    assert summary["practices"][0]["level_name"] == "Level 3"
    told = json.dumps(summary)
    for hidden in ("Because", "One thought otherwise", "i1", "chair", "Item 7"):
        assert hidden not in told


def test_a_corrected_result_keeps_the_moment_at_which_the_board_signed() -> None:
    corrected = content()
    corrected["signed"]["signed_at"] = datetime(2026, 11, 20, tzinfo=UTC).isoformat()
    signed = Signed(datetime(2026, 5, 4, tzinfo=UTC), corrected_on=date(2026, 11, 20))

    summary = practice_summary(corrected, parse(raw_question_set()), signed)

    assert (summary["signed_off_at"], summary["corrected_on"]) == ("2026-05-04T00:00:00+00:00", "2026-11-20")
