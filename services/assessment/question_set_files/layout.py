"""How a question set lies in a workbook: sheets, columns and their headings. Reading and writing agree."""

ABOUT, PRACTICES, ITEMS, LEVELS, GLOSSARY, MAPPING = "About", "Practices", "Items", "Levels", "Glossary", "Mapping"
ABOUT_FIELDS = (
    "id",
    "version",
    "audience",
    "title",
    "illustrative",
    "illustrative_note",
    "licence_note",
    "effective_from",
    "effective_to",
    "how_to_answer",
    "time_needed_minutes",
    "apart_from_capability.heading",
    "apart_from_capability.text",
    "replaces",
)
PROMPTS = 3
"""Columns of each kind of prompt. More of them, up to five, only fit into a text file."""
LEVEL_COLUMNS = tuple(f"Level {number}" for number in range(1, 6))
EVIDENCE_COLUMNS = tuple(f"Where to look {number}" for number in range(1, PROMPTS + 1))
DISCUSSION_COLUMNS = tuple(f"To discuss {number}" for number in range(1, PROMPTS + 1))
COLUMNS: dict[str, tuple[str, ...]] = {
    ABOUT: ("Field", "Value"),
    PRACTICES: ("Id", "Title", "Summary"),
    ITEMS: ("Practice", "Id", "Title", "Question", *LEVEL_COLUMNS, *EVIDENCE_COLUMNS, *DISCUSSION_COLUMNS),
    LEVELS: ("Level", "Name"),
    GLOSSARY: ("Term", "Meaning"),
    MAPPING: ("Item", "Earlier item", "Comparable", "Reason"),
}
OPTIONAL = frozenset({GLOSSARY, MAPPING})
YES, NO = "yes", "no"
