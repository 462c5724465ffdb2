"""Drawn faces for the invented city's inspectors: nobody's likeness, yet each unlike the next."""

import io
import random

from PIL import Image, ImageDraw

from server.account.models import Inspector
from server.account.photos import store_photo
from server.picture import PORTRAIT

SKIES = ("#b9cfe8", "#c9d8c5", "#e3d4bd", "#d6cbe2", "#c4dcdd")
SKINS = ("#f2d3b3", "#e8c19a", "#dcb28a", "#f6ddc6")
# Given names that are mostly women's.
WOMEN = set("娜敏丽静芳燕梅兰英霞玲萍红婷雪艳慧莉娟琴")
HAIRS = ("#1f1a17", "#2c2320", "#3a2f2a", "#57504b")


def give(rng: random.Random, staff: list[Inspector]) -> None:
    """Draw one for everybody and keep it."""
    for inspector in staff:
        inspector.photo_key = store_photo(_drawn(rng, long_hair=not WOMEN.isdisjoint(inspector.name[1:])))


def _drawn(rng: random.Random, *, long_hair: bool) -> bytes:
    across, up = PORTRAIT
    picture = Image.new("RGB", PORTRAIT, rng.choice(SKIES))
    draw = ImageDraw.Draw(picture)
    skin, hair = rng.choice(SKINS), rng.choice(HAIRS)
    wide = rng.randint(118, 140)
    middle, top = across // 2, 150
    if long_hair:
        draw.rounded_rectangle((middle - wide - 22, top - 20, middle + wide + 22, 440), radius=120, fill=hair)
    draw.rounded_rectangle((middle - 190, 430, middle + 190, up + 80), radius=110, fill="#1d2f4f")
    draw.polygon([(middle - 46, 436), (middle + 46, 436), (middle, 520)], fill="#e9eef5")
    draw.rectangle((middle - 42, 380, middle + 42, 450), fill=skin)
    draw.ellipse((middle - wide, top, middle + wide, top + 290), fill=skin)
    draw.pieslice((middle - wide - 8, top - 34, middle + wide + 8, top + 216), 180, 360, fill=hair)
    for side in (-1, 1):
        eye = middle + side * 52
        draw.ellipse((eye - 11, top + 132, eye + 11, top + 152), fill="#2a2320")
        draw.line((eye - 24, top + 112, eye + 24, top + 112 - rng.randint(0, 6)), fill=hair, width=7)
    draw.line((middle, top + 156, middle - 8, top + 196, middle + 8, top + 198), fill="#b98a63", width=5)
    draw.arc((middle - 42, top + 196, middle + 42, top + 244), 20, 160, fill="#9a4b43", width=7)
    if rng.random() < 0.3:
        for side in (-1, 1):
            eye = middle + side * 52
            draw.rounded_rectangle((eye - 38, top + 116, eye + 38, top + 170), radius=20, outline="#30343c", width=6)
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=85)
    return kept.getvalue()
