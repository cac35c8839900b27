"""Question sets as files: YAML, JSON and workbooks, in and out (docs/question-set-format.md)."""
