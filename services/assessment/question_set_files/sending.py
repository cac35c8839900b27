"""Answers with a question set as a file."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from services.assessment.question_set_files import text_out, workbook_out

WRITERS: Mapping[str, tuple[Callable[[Mapping[str, Any]], bytes], str]] = {
    "xlsx": (workbook_out.write, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "yaml": (text_out.as_yaml, "application/yaml; charset=utf-8"),
    "json": (text_out.as_json, "application/json"),
}


def file_response(content: Mapping[str, Any], format_: str) -> Response:
    """The set in a format, under its id as the name of the file."""
    write, content_type = WRITERS[format_]
    response = Response(write(content), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{content["id"]}.{format_}"'
    return response
