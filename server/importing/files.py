"""Reading XLSX and CSV as rows of text, and writing back the rows that were not taken."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from server.refusal import Refusal

from .rules import ImportReason, as_text

# Agencies' CSV files come from Excel, which writes GB 18030 on Chinese Windows.
ENCODINGS = ("utf-8-sig", "gb18030")


def read_rows(filename: str, body: bytes) -> list[list[str]]:
    """All rows of the first sheet, header first; raises Refusal `unreadable_file`."""
    if filename.lower().endswith((".xlsx", ".xls", ".xlsm", ".ods")) or body.startswith(b"PK"):
        return _sheet(body)
    for encoding in ENCODINGS:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return [[as_text(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline="")) if any(row)]
    raise Refusal(ImportReason.UNREADABLE_FILE, 422)


def rejected_csv(header: Sequence[str], rejected: Iterable[dict[str, Any]]) -> bytes:
    """The rows that were not taken, as they stood, with their line and the reasons in front."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["行号", "未导入原因", *header])
    writer.writerows([each["row"], ";".join(each["reasons"]), *each["cells"]] for each in rejected)
    return text.getvalue().encode("utf-8-sig")


def _sheet(body: bytes) -> list[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=True)
    except (CalamineError, OSError, ValueError, IndexError):
        raise Refusal(ImportReason.UNREADABLE_FILE, 422) from None
    return [texts for row in rows if any(texts := [as_text(cell) for cell in row])]
