"""Makes the corpus: plaques photographed under trying conditions, from a seed, with the truth beside them.

    python -m tests.qr.corpus.generate

A frame is a plaque rasterised from our own PDF, carried through a model of a phone's camera: a view
of the wall, an effect of its class, lens, noise, JPEG. Nothing is photographed, so nothing shows a
place or a person; what real paper, ink and lenses add is not in it.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2

import qr

HERE = Path(__file__).resolve().parent
SEED = 20261125
EACH = 11
SIZE = (512, 384)
QUALITY = 82
CITY = qr.PlaqueKey.from_bytes(3, bytes(range(32)))
# Version 5 as long as the host is short, version 6 otherwise.
HOSTS = ("q.sz.cn", "ruqi.haihe.gov.cn")
NAMES = ("张记面包坊", "海河市东方红铸造有限公司", "郴州市林邑糕点厂有限公司", "ABC International Trading Co., Ltd.")
_DPI = 400

Grey = npt.NDArray[np.float32]
Draw = np.random.Generator


def main() -> None:
    """Write all frames and the manifest anew."""
    for old in HERE.glob("*.jpg"):
        old.unlink()
    entries = []
    for name, frame, text in frames():
        cv2.imwrite(str(HERE / name), frame, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        entries.append({"file": name, "class": name.rsplit("-", 1)[0], "text": text})
    manifest = {"seed": SEED, "prefixes": [qr.plaque_prefix(f"https://{host}") for host in HOSTS], "frames": entries}
    manifest["keys"] = qr.KeyRing(CITY.public).to_hex()
    (HERE / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")


def frames() -> Iterator[tuple[str, npt.NDArray[np.uint8], str]]:
    """Every frame with its file's name and its truth, the same each time."""
    for number, (name, shoot) in enumerate(CLASSES.items()):
        for index in range(EACH):
            draw = np.random.default_rng((SEED, number, index))
            serial = 1000 * number + index
            host = HOSTS[index % len(HOSTS)]
            text = qr.sign_plaque(serial, key=CITY, prefix=f"https://{host}")
            # From easy to hard within a class.
            scene = shoot(_label(serial, host, NAMES[index % len(NAMES)]), draw, index / (EACH - 1))
            yield f"{name}-{index:02d}.jpg", scene, text


# --- the classes; `hard` goes from 0 to 1 ------------------------------------------------------


def _clean(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    return _sensor(_view(label, draw, side=240 - 100 * hard), draw)


def _rotation(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    return _sensor(_view(label, draw, side=190 - 60 * hard, turn=draw.uniform(0, 360)), draw)


def _perspective(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    tilt = (20 + 42 * hard) * draw.choice([-1, 1])
    view = _view(label, draw, side=220, turn=draw.uniform(-15, 15), tilt=(tilt, draw.uniform(-15, 15)))
    return _sensor(view, draw)


def _blur(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    view = _view(label, draw, side=190)
    if draw.random() < 0.5:
        view = cv2.filter2D(view, -1, _disc(1.0 + 2.2 * hard))
    else:
        view = cv2.filter2D(view, -1, _streak(3 + 5 * hard, draw.uniform(0, 180)))
    return _sensor(view, draw)


def _low_contrast(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    view = _view(label, draw, side=200)
    level = draw.uniform(50, 170)
    return _sensor(level + (view - 128) * (0.22 - 0.18 * hard), draw, noise=3)


def _glare(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    view = _view(label, draw, side=200)
    across, down = _grid(view.shape)
    x, y = draw.uniform(170, 340), draw.uniform(110, 270)
    spot = np.exp(-(((across - x) / 70) ** 2 + ((down - y) / 60) ** 2))
    shadow = 1 - 0.7 * hard / (1 + np.exp(-(across * 0.8 + down * 0.6 - draw.uniform(200, 400)) / 12))
    return _sensor(view * shadow + spot * (100 + 190 * hard), draw)


def _dirt(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    dirty = label.copy()
    side = label.shape[1]
    for _ in range(int(4 + 30 * hard)):
        centre = (int(draw.uniform(0, side)), int(draw.uniform(0, side)))
        axes = (int(draw.uniform(0.008, 0.03) * side), int(draw.uniform(0.006, 0.02) * side))
        cv2.ellipse(dirty, centre, axes, draw.uniform(0, 180), 0, 360, draw.uniform(30, 230), -1, cv2.LINE_AA)
    for _ in range(int(1 + 4 * hard)):
        ends = draw.uniform(0, side, 4).astype(int)
        cv2.line(dirty, ends[:2], ends[2:], draw.uniform(120, 250), int(0.004 * side), cv2.LINE_AA)
    return _sensor(_view(dirty, draw, side=190), draw)


def _distance(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    return _sensor(_view(label, draw, side=135 - 40 * hard), draw, noise=6)


def _curved(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    """On a pillar or a bottle: the label bends away on both sides."""
    half = np.radians(20 + 38 * hard)
    height, width = label.shape
    columns = np.linspace(-np.sin(half), np.sin(half), width, dtype=np.float32)
    source = ((np.arcsin(columns) / half + 1) / 2 * (width - 1)).astype(np.float32)
    rows = np.arange(height, dtype=np.float32)
    sag = 0.06 * hard * height * (np.cos(np.arcsin(columns)) - 1)
    bent = cv2.remap(
        label, np.tile(source, (height, 1)), rows[:, None] + sag[None, :].astype(np.float32), cv2.INTER_AREA,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    shade = (0.55 + 0.45 * np.cos(np.arcsin(columns)))[None, :].astype(np.float32)
    return _sensor(_view(bent * shade, draw, side=210, turn=draw.uniform(-10, 10)), draw)


def _dim(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    """In a dark workshop, where the sensor turns up its amplifier."""
    view = _view(label, draw, side=200, turn=draw.uniform(-20, 20))
    return _sensor(15 + view * (0.6 - 0.25 * hard), draw, noise=8 + 12 * hard)


def _rescan(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    """Printed at 150 dots to the inch with too much or too little ink, copied and scanned at 150 again."""
    printed = cv2.resize(label, None, fx=150 / _DPI, fy=150 / _DPI, interpolation=cv2.INTER_AREA)
    for _ in range(1 + round(hard)):
        ink = cv2.GaussianBlur(printed, (0, 0), 0.7 + 0.8 * hard) + draw.normal(0, 10 + 40 * hard, printed.shape)
        printed = np.where(ink < 128 + draw.uniform(-30, 30), 25, 235).astype(np.float32)
        printed = cv2.GaussianBlur(printed, (0, 0), 0.7)
    scale = 1.0 + draw.uniform(-0.04, 0.04)
    pasted = np.full((SIZE[1], SIZE[0]), 238, np.float32)
    # The symbol in the middle; of the strip below it the page shows what it shows.
    middle = printed.shape[1] / 2
    turn = cv2.getRotationMatrix2D((middle, middle), draw.uniform(-4, 4), scale)
    turn[:, 2] += (SIZE[0] / 2 - middle, SIZE[1] / 2 - middle)
    pasted = cv2.warpAffine(printed, turn, SIZE, pasted, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    return _sensor(pasted, draw, noise=5 + 6 * hard)


def _everything(label: Grey, draw: Draw, hard: float) -> npt.NDArray[np.uint8]:
    view = _view(label, draw, side=210 - 50 * hard, turn=draw.uniform(0, 360), tilt=(30 * hard, draw.uniform(-20, 20)))
    view = cv2.filter2D(view, -1, _disc(0.8 + 0.9 * hard))
    across, _ = _grid(view.shape)
    return _sensor(20 + view * (0.7 - 0.45 * hard) * (0.6 + across / SIZE[0] * 0.5), draw, noise=5 + 6 * hard)


CLASSES: dict[str, Callable[[Grey, Draw, float], npt.NDArray[np.uint8]]] = {
    "clean": _clean,
    "rotation": _rotation,
    "perspective": _perspective,
    "blur": _blur,
    "low-contrast": _low_contrast,
    "glare": _glare,
    "dirt": _dirt,
    "distance": _distance,
    "curved": _curved,
    "dim": _dim,
    "rescan": _rescan,
    "everything": _everything,
}


# --- the camera --------------------------------------------------------------------------------


@cache
def _label(serial: int, host: str, name: str) -> Grey:
    """A printed label, white where there is no ink."""
    sheet = qr.PlaqueSheet(
        qr.sign_plaque(serial, key=CITY, prefix=f"https://{host}"), name, "91330106MA2B1C3D4E", serial
    )
    document = pypdfium2.PdfDocument(qr.plaque_pdf([sheet], design=qr.PlaqueDesign("海河市"), on=qr.PlaqueFormat.LABEL))
    picture = document[0].render(scale=_DPI / 72, grayscale=True).to_numpy()
    document.close()
    return 25 + picture.reshape(picture.shape[:2]).astype(np.float32) * (210 / 255)


def _view(label: Grey, draw: Draw, *, side: float, turn: float = 0.0, tilt: tuple[float, float] = (0.0, 0.0)) -> Grey:
    """See the label ``side`` pixels wide on a wall, turned in the plane and tilted out of it (degrees)."""
    height, width = label.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64) - (width / 2, width / 2)
    corners *= side / width
    angle, (about_y, about_x) = np.radians(turn + draw.uniform(-3, 3)), np.radians(tilt)
    turned = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    x, y = turned[:, 0] * np.cos(about_y), turned[:, 1] * np.cos(about_x)
    depth = 1 + (turned[:, 0] * np.sin(about_y) + turned[:, 1] * np.sin(about_x)) / 900
    place = np.array(SIZE) / 2 + draw.uniform(-20, 20, 2)
    seen = (np.stack([x, y], 1) / depth[:, None] + place).astype(np.float32)
    # Four times as fine as the sensor, then averaged: thin modules must not fall between pixels.
    fine = 4
    whole = cv2.getPerspectiveTransform((corners * width / side + width / 2).astype(np.float32), seen * fine)
    wall = cv2.resize(_wall(draw), None, fx=fine, fy=fine, interpolation=cv2.INTER_LINEAR)
    view = cv2.warpPerspective(
        label, whole, (SIZE[0] * fine, SIZE[1] * fine), wall, cv2.INTER_AREA, cv2.BORDER_TRANSPARENT
    )
    return cv2.resize(view, SIZE, interpolation=cv2.INTER_AREA)


def _wall(draw: Draw) -> Grey:
    """A wall with stains, edges and a few dark signs."""
    rough = cv2.resize(draw.normal(0, 1, (12, 16)).astype(np.float32), SIZE, interpolation=cv2.INTER_CUBIC)
    wall = draw.uniform(90, 190) + 14 * rough
    for _ in range(int(draw.integers(2, 6))):
        x, y, w, h = (int(value) for value in draw.uniform((0, 0, 20, 10), (SIZE[0], SIZE[1], 220, 120)))
        cv2.rectangle(wall, (x, y), (x + w, y + h), draw.uniform(40, 220), -1)
    return wall.astype(np.float32)


def _sensor(view: Grey, draw: Draw, *, noise: float = 5) -> npt.NDArray[np.uint8]:
    """A lens that is never quite sharp, and a sensor that is never quiet."""
    soft = cv2.GaussianBlur(view, (0, 0), 0.7)
    return np.clip(soft + draw.normal(0, noise, soft.shape), 0, 255).astype(np.uint8)


def _disc(radius: float) -> Grey:
    """Out of focus."""
    reach = int(np.ceil(radius))
    across, down = _grid((2 * reach + 1, 2 * reach + 1))
    disc = np.clip(radius + 0.5 - np.hypot(across - reach, down - reach), 0, 1)
    return (disc / disc.sum()).astype(np.float32)


def _streak(length: float, angle: float) -> Grey:
    """A hand in motion."""
    reach = int(np.ceil(length / 2))
    streak = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    half = length / 2 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    ends = np.rint(reach + np.array([-half, half])).astype(int)
    cv2.line(streak, ends[0], ends[1], 1.0, 1, cv2.LINE_AA)
    return streak / streak.sum()


def _grid(shape: tuple[int, ...]) -> tuple[Grey, Grey]:
    down, across = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return across, down


if __name__ == "__main__":
    main()
