"""Finished plaques per second against the way most would take, and how long a whole city takes."""

import random
import time
from collections.abc import Callable
from io import BytesIO

from qrcode import QRCode, constants
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

import qr
from server.commands.policy import cores_here

from . import ground
from .figure import Figure
from .rounds import in_turns

FLOOR = 28.0
WHOLE_FLOOR = 45.0
CITY = 100_000
EACH = 2000
NAIVE = 40
PREFIX = "HTTPS://Q.SZ.CN/E/"
DESIGN = qr.PlaqueDesign(city="海河市")
USCC = "91330106MA2B1C3D4E"
CHARACTERS = "海河市东方红铸造有限公司高新技术产业开发区智能装备制造与工业互联网集团股份面包坊糕点厂林邑郴州"


def measure(say: Callable[[str], None]) -> list[Figure]:
    """A4 sheets of eight labels, signed and drawn by one process each; then the city by all processors."""
    key = qr.PlaqueKey.from_bytes(0, bytes(32))
    sheets = [_sheet(order, key) for order in _orders(EACH)]

    def naive(number: int) -> int:
        _naive_pdf(sheets[number * NAIVE : (number + 1) * NAIVE])
        return NAIVE

    def ours(number: int) -> int:
        qr.plaque_pdf(sheets, design=DESIGN, on=qr.PlaqueFormat.A4)
        return EACH

    ratio = in_turns(say, reference=naive, ours=ours, rounds=5, unit="plaques")
    before, took, after = _naive_rate(sheets), _whole_city(say, key), _naive_rate(sheets)
    # All processors against as many naive programs, each as fast as one was just before and just after.
    whole = CITY / took / ((before + after) / 2 * cores_here())
    return [
        Figure("plaques_pdf_vs_naive", ratio, "× naive", FLOOR),
        Figure("plaques_100k_vs_naive", whole, "× naive on all cores", WHOLE_FLOOR),
        Figure("plaques_100k_s", took, "s"),
    ]


# --- helpers, in calling order -----------------------------------------------------------------


def _naive_rate(sheets: list[qr.PlaqueSheet]) -> float:
    """Plaques a second of the naive program, one process."""
    began = time.monotonic()
    _naive_pdf(sheets[: 2 * NAIVE])
    return 2 * NAIVE / (time.monotonic() - began)


def _orders(count: int) -> list[qr.PlaqueOrder]:
    """Names of 5 to 24 characters, the same each time."""
    draw = random.Random(7)
    names = ("".join(draw.choices(CHARACTERS, k=draw.randint(5, 24))) for _ in range(count))
    return [qr.PlaqueOrder(serial, 0, name, USCC) for serial, name in enumerate(names)]


def _sheet(order: qr.PlaqueOrder, key: qr.PlaqueKey) -> qr.PlaqueSheet:
    return qr.PlaqueSheet(qr.sign_plaque(order.serial, key=key, prefix=PREFIX), order.name, order.uscc, order.serial)


def _naive_pdf(sheets: list[qr.PlaqueSheet]) -> bytes:
    """What a first program does: a PNG from `qrcode` for each, reportlab around it, its built-in Chinese font."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = BytesIO()
    page = Canvas(out, pagesize=A4)
    for number, sheet in enumerate(sheets):
        place = number % 8
        x, y = (10 + place % 2 * 95) * mm, (216.5 - place // 2 * 68) * mm
        code = QRCode(error_correction=constants.ERROR_CORRECT_M)
        code.add_data(sheet.url)
        picture = BytesIO()
        code.make_image().save(picture, "PNG")
        picture.seek(0)
        page.drawImage(ImageReader(picture), x, y + 9 * mm, 50 * mm, 50 * mm)
        lines = [
            DESIGN.city,
            DESIGN.title,
            sheet.name[:12],
            sheet.name[12:],
            sheet.uscc,
            str(sheet.serial),
            *DESIGN.steps,
        ]
        for row, line in enumerate(lines):
            page.setFont("STSong-Light", 7)
            page.drawString(x + 51 * mm, y + (60 - row * 6) * mm, line)
        if place == 7:
            page.showPage()
    page.save()
    return out.getvalue()


def _whole_city(say: Callable[[str], None], key: qr.PlaqueKey) -> float:
    """Seconds from the first order to the last byte on the disk."""
    with ground.folder() as folder:
        orders = _orders(CITY)
        began = time.monotonic()
        run = qr.begin_run(folder, orders, qr.Job(PREFIX, DESIGN))
        run = qr.print_run(run, {0: key}, progress=lambda done, total: None)
        took = time.monotonic() - began
        size = sum(volume.size for volume in run.volumes)
    if run.printed != CITY:
        raise RuntimeError(f"{run.printed} plaques printed, not {CITY}")
    say(f"{CITY:,} plaques in {len(run.volumes)} volumes, {size / 1e6:.0f} MB, {took:.1f} s")
    return took
