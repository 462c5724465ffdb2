"""Frequency lists as files that spreadsheets open."""

import csv
import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter

HEADINGS = (
    "统一社会信用代码",
    "企业名称",
    "行政区划",
    "入企次数",
    "行政检查",
    "服务走访",
    "执法单位数",
    "入企人次",
    "停留分钟",
    "发现问题",
    "最近入企",
)
FIGURES = ("visits", "inspections", "services", "agencies", "heads", "minutes", "findings")


def csv_file(rows: Iterable[dict[str, Any]]) -> tuple[bytes, str]:
    """CSV with a byte-order mark, without which Excel reads Chinese as noise."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows([_plain(cell) for cell in _cells(row)] for row in rows)
    return text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8"


def xlsx_file(rows: Iterable[dict[str, Any]]) -> tuple[bytes, str]:
    """XLSX, row by row, so that memory stays flat."""
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("入企频次")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 40)
        sheet.write_row(0, 0, HEADINGS, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, _cells(row))
    return body.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _cells(row: dict[str, Any]) -> list[Any]:
    enterprise = row["enterprise"]
    figures = [int(row[figure]) for figure in FIGURES]
    return [enterprise.uscc, enterprise.name, enterprise.region.name, *figures, row["last_on"].isoformat()]


def _plain(cell: Any) -> Any:
    """A name that begins like a formula must stay a text when a spreadsheet opens the file."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell
