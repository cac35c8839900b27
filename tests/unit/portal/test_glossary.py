"""A term is explained where it stands, and nowhere else."""

from services.portal.glossary import terms_in

GLOSSARY = [
    {"term": "Huddle", "meaning": "A short meeting."},
    {"term": "Unpaid carer", "meaning": "Somebody who cares."},
]


def test_terms_of_question_levels_and_prompts_are_found_whatever_their_case_or_number() -> None:
    item = {
        "id": "i1",
        "question": "How do huddles work?",
        "levels": [{"descriptor": "None."}],
        "evidence_prompts": ["unpaid carers who came"],
    }

    assert terms_in(item, GLOSSARY) == GLOSSARY


def test_a_part_of_another_word_is_no_term_and_neither_is_an_id() -> None:
    assert terms_in({"id": "huddle", "question": "Who overhuddles?"}, GLOSSARY) == []


def test_without_a_glossary_nothing_is_explained() -> None:
    assert terms_in({"question": "Huddle?"}, None) == []
