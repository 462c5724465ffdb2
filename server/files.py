"""Answers that are files: their types, and how the API's document tells of them."""

from typing import Any

PDF, CSV, SVG = "application/pdf", "text/csv", "image/svg+xml"
PNG, JPEG = "image/png", "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINES = "application/x-ndjson"


def file_of(says: str, *media_types: str) -> dict[int, Any]:
    """What `bp.doc` is told of a view that answers with a file."""
    content = {each: {"schema": {"type": "string", "format": "binary"}} for each in media_types}
    return {200: {"description": says, "content": content}}
