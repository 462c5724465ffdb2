"""Encodes many QR symbols of one layout at once, module for module as `qrcode` does one.

All texts of a call share version, level and layout (so many capitals, then so many digits), so every
step is one array operation over all of them: data bits, Reed-Solomon parity by table, modules by a
gather, the penalties of all eight masks on rows and columns packed into 64-bit words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from qrcode import QRCode
from qrcode.base import rs_blocks
from qrcode.util import ALPHA_NUM, MODE_ALPHA_NUM, MODE_NUMBER, length_in_bits

from .symbols import LEVELS, Level, split_token

# Rows and columns are packed into 64-bit words.
MAX_VERSION = 11

# The working set of so many symbols fits the processor's cache.
_AT_ONCE = 512
_WORD = 64
_MASKS = 8
_PAD = (0xEC, 0x11)

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Modules = npt.NDArray[np.bool_]


def encode(texts: Sequence[str], *, level: Level = "M") -> Modules:
    """Encode texts of one layout: a stack of symbols, True is dark, without quiet zone.

    Each is what `matrix` gives for its text. ValueError for no texts, texts of different lengths or
    of other characters than capitals and then digits, and more than a symbol of version 11 holds.
    """
    layout = _layout(*_common_parts(texts), level)
    out = np.empty((len(texts), layout.side, layout.side), dtype=np.bool_)
    for start, rows in _packed(texts, layout):
        bits = np.unpackbits(rows.view(np.uint8).reshape(len(rows), layout.side, 8), axis=2, bitorder="little")
        out[start : start + len(rows)] = bits[:, :, : layout.side]
    return out


@dataclass(frozen=True, slots=True)
class _Layout:
    """What all symbols of one version, level and division into capitals and digits share."""

    side: int
    capitals: int
    digits: int
    # Bits per field of the stream: mode, length and data of both segments.
    data_bits: int
    data_bytes: int
    header: Bytes
    between: Bytes
    # (data bytes, table) of each block, and the order in which all blocks' bytes are placed.
    blocks: tuple[tuple[slice, Bytes], ...]
    placed: npt.NDArray[np.intp]
    # Which bit of the stream each module of a row or column shows; the bit after the last is light.
    row_bits: npt.NDArray[np.intp]
    column_bits: npt.NDArray[np.intp]
    # Function modules and mask, to be XORed: eight of each, (8, side) words.
    final_rows: Words
    trial_rows: Words
    trial_columns: Words


def _common_parts(texts: Sequence[str]) -> tuple[int, int]:
    """Give how many capitals and digits every text has; ValueError when they differ."""
    found = {(-1 if capitals is None else len(capitals), len(digits)) for capitals, digits in map(split_token, texts)}
    if len(found) != 1:
        raise ValueError("texts of different layouts" if found else "no texts to encode")
    capitals, digits = found.pop()
    if capitals + digits < 1:
        raise ValueError("a text that is not capitals and then digits")
    return capitals, digits


def _packed(texts: Sequence[str], layout: _Layout) -> Iterator[tuple[int, Words]]:
    """Give the finished rows of a part of the symbols after the other, with the place of the part's first."""
    for start in range(0, len(texts), _AT_ONCE):
        stream = _stream(texts[start : start + _AT_ONCE], layout)
        rows, columns = _words(stream, layout.row_bits), _words(stream, layout.column_bits)
        chosen = np.argmin(
            [
                _penalty(rows ^ layout.trial_rows[mask], columns ^ layout.trial_columns[mask], layout.side)
                for mask in range(_MASKS)
            ],
            axis=0,
        )
        yield start, rows ^ layout.final_rows[chosen]


def _stream(texts: Sequence[str], layout: _Layout) -> Bytes:
    """Give the bits of each symbol in the order they are placed, (texts, bits), one light bit after them."""
    letters = np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8).reshape(len(texts), -1)
    values = _VALUES[letters]
    capitals, digits = values[:, : layout.capitals], values[:, layout.capitals :]
    bits = np.zeros((len(texts), layout.data_bytes * 8), dtype=np.uint8)
    parts = [
        np.broadcast_to(layout.header, (len(texts), len(layout.header))),
        *_grouped_bits(capitals, 2, 45, (6, 11)),
        np.broadcast_to(layout.between, (len(texts), len(layout.between))),
        *_grouped_bits(digits, 3, 10, (4, 7, 10)),
    ]
    np.concatenate(parts, axis=1, out=bits[:, : layout.data_bits])
    data = np.packbits(bits, axis=1)
    first_pad = -(-min(layout.data_bits + 4, layout.data_bytes * 8) // 8)
    for place in range(first_pad, layout.data_bytes):
        data[:, place] = _PAD[(place - first_pad) % 2]
    parity = [_parity(data[:, part], table) for part, table in layout.blocks]
    placed = np.concatenate([data, *parity], axis=1)[:, layout.placed]
    stream = np.zeros((len(texts), placed.shape[1] * 8 + 1), dtype=np.uint8)
    stream[:, :-1] = np.unpackbits(placed, axis=1)
    return stream


def _grouped_bits(values: Bytes, size: int, base: int, widths: tuple[int, ...]) -> Iterator[Bytes]:
    """Write values in groups of ``size`` as numbers to ``base``, each in as many bits as its group's length takes."""
    count, length = values.shape
    whole = length // size * size
    for group, width in ((values[:, :whole].reshape(count, -1, size), widths[-1]), (values[:, None, whole:], 0)):
        if not group.shape[2]:
            continue
        width = width or widths[group.shape[2] - 1]
        number = np.zeros(group.shape[:2], dtype=np.uint16)
        for place in range(group.shape[2]):
            number = number * np.uint16(base) + group[:, :, place]
        shifts = np.arange(width - 1, -1, -1, dtype=np.uint16)
        yield ((number[:, :, None] >> shifts) & 1).astype(np.uint8).reshape(count, -1)


def _parity(data: Bytes, table: Bytes) -> Bytes:
    """Sum up what each data byte of each symbol adds to the parity bytes; the table says it for its place."""
    words = table.view(np.uint64)
    total: Words = words[0][data[:, 0]]
    for place in range(1, data.shape[1]):
        total ^= words[place][data[:, place]]
    parity: Bytes = total.view(np.uint8)
    return parity


def _words(stream: Bytes, places: npt.NDArray[np.intp]) -> Words:
    """Gather the bits of each line, its first module in bit 0."""
    gathered = stream.take(places, axis=1)
    return np.packbits(gathered, axis=1, bitorder="little").view(np.uint64)


def _penalty(rows: Words, columns: Words, side: int) -> npt.NDArray[np.int64]:
    """Score symbols by the four rules of ISO/IEC 18004, 7.8.3, as `qrcode` reads them."""
    within = np.uint64((1 << side) - 1)
    pairs = np.uint64((1 << (side - 1)) - 1)
    windows = np.uint64((1 << (side - 10)) - 1)
    score = np.zeros(len(rows), dtype=np.int64)
    for lines in (rows, columns):
        alike = ~(lines ^ (lines >> np.uint64(1))) & pairs
        two = alike & (alike >> np.uint64(1))
        five = two & (two >> np.uint64(2))
        # A run of n modules makes n - 4 such places and one beginning: 3 points and 1 for each beyond five.
        score += _count(five) + 2 * _count(five & ~(five << np.uint64(1)))
        score += 40 * _count(_finders_alike(lines, ~lines & within) & windows)
    alike = ~(rows ^ (rows >> np.uint64(1))) & pairs
    blocks = alike[:, 1:] & alike[:, :-1] & ~(rows[:, 1:] ^ rows[:, :-1])
    score += 3 * _count(blocks)
    share = _count(rows) / side**2
    score += (np.abs(share * 100 - 50) / 5).astype(np.int64) * 10
    return score


def _finders_alike(dark: Words, light: Words) -> Words:
    """Mark where eleven modules look like a finder pattern, dark 1 light 1 dark 3 light 1 dark 1, and its margin."""
    three = dark & (dark >> np.uint64(1)) & (dark >> np.uint64(2))
    left, right = dark & (light >> np.uint64(1)), light & (dark >> np.uint64(1))
    finder = left & (three >> np.uint64(2)) & (right >> np.uint64(5))
    two = light & (light >> np.uint64(1))
    margin = two & (two >> np.uint64(2))
    found: Words = (finder & (margin >> np.uint64(7))) | (margin & (finder >> np.uint64(4)))
    return found


def _count(words: Words) -> npt.NDArray[np.int64]:
    count: npt.NDArray[np.int64] = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    return count


# --- what is worked out once for a layout ------------------------------------------------------

_VALUES = np.zeros(256, dtype=np.uint8)
_VALUES[list(ALPHA_NUM)] = np.arange(len(ALPHA_NUM))


@lru_cache(maxsize=8)
def _layout(capitals: int, digits: int, level: Level) -> _Layout:
    for version in range(1, MAX_VERSION + 1):
        blocks = rs_blocks(version, LEVELS[level])
        header = _segment_header(MODE_ALPHA_NUM, capitals, version)
        between = _segment_header(MODE_NUMBER, digits, version)
        data_bits = len(header) + capitals // 2 * 11 + capitals % 2 * 6
        data_bits += len(between) + digits // 3 * 10 + (0, 4, 7)[digits % 3]
        data_bytes = sum(block.data_count for block in blocks)
        if data_bits <= data_bytes * 8:
            break
    else:
        raise ValueError(f"{capitals + digits} characters are too many for version {MAX_VERSION}")
    side = 17 + 4 * version
    ends = np.cumsum([0, *(block.data_count for block in blocks)])
    tables = {block: _parity_table(block.data_count, block.total_count - block.data_count) for block in blocks}
    places = _bit_places(version, level, sum(block.total_count for block in blocks) * 8)
    final = [_function_modules(version, level, mask, trial=False) for mask in range(_MASKS)]
    trial = [_function_modules(version, level, mask, trial=True) for mask in range(_MASKS)]
    return _Layout(
        side=side,
        capitals=capitals,
        digits=digits,
        data_bits=data_bits,
        data_bytes=data_bytes,
        header=header,
        between=between,
        blocks=tuple((slice(ends[i], ends[i + 1]), tables[block]) for i, block in enumerate(blocks)),
        placed=_interleaved([(block.data_count, block.total_count - block.data_count) for block in blocks]),
        row_bits=_to_words(places),
        column_bits=_to_words(places.T),
        final_rows=np.array([_packed_lines(each) for each in final]),
        trial_rows=np.array([_packed_lines(each) for each in trial]),
        trial_columns=np.array([_packed_lines(each.T) for each in trial]),
    )


def _segment_header(mode: int, length: int, version: int) -> Bytes:
    """Give a segment's mode and length as bits; nothing for a segment of nothing."""
    if not length:
        return np.empty(0, dtype=np.uint8)
    width = length_in_bits(mode, version)
    return np.array([int(bit) for bit in f"{mode:04b}{length:0{width}b}"], dtype=np.uint8)


def _parity_table(data_count: int, parity_count: int) -> Bytes:
    """Give (place, byte, parity bytes): what a byte at a place of a block adds to the parity.

    The parity's width is rounded up to whole words; the bytes beyond it stay zero.
    """
    logs, powers = _field()

    def times(numbers: npt.NDArray[np.int64], factor: int) -> npt.NDArray[np.int64]:
        product = powers[(logs[numbers] + logs[factor]) % 255]
        return np.where((numbers == 0) | (factor == 0), 0, product)

    generator = np.array([1])
    for power in range(parity_count):
        generator = np.append(generator, 0) ^ np.append(0, times(generator, int(powers[power])))
    table = np.zeros((data_count, 256, -(-parity_count // 8) * 8), dtype=np.uint8)
    # The remainder of x^(parity count + steps from the end), one step at a time.
    remainder = generator[1:]
    for place in range(data_count - 1, -1, -1):
        for byte in range(256):
            table[place, byte, :parity_count] = times(remainder, byte)
        remainder = np.append(remainder[1:], 0) ^ times(generator[1:], int(remainder[0]))
    return table


@lru_cache(maxsize=1)
def _field() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give logarithms and powers of 2 in the field of 256 elements over x^8 + x^4 + x^3 + x^2 + 1."""
    logs, powers = np.zeros(256, dtype=np.int64), np.zeros(255, dtype=np.int64)
    number = 1
    for exponent in range(255):
        powers[exponent], logs[number] = number, exponent
        number = number << 1 ^ (0x11D if number & 0x80 else 0)
    return logs, powers


def _interleaved(counts: list[tuple[int, int]]) -> npt.NDArray[np.intp]:
    """Say which byte of (all data, then each block's padded parity) stands where in the symbol."""
    order: list[int] = []
    ends = np.cumsum([0, *(data for data, _ in counts)])
    for place in range(max(data for data, _ in counts)):
        order += [int(ends[i]) + place for i, (data, _) in enumerate(counts) if place < data]
    width = -(-counts[0][1] // 8) * 8
    for place in range(counts[0][1]):
        order += [int(ends[-1]) + i * width + place for i in range(len(counts))]
    return np.array(order)


def _bit_places(version: int, level: Level, bit_count: int) -> npt.NDArray[np.intp]:
    """Say which bit of the stream each module shows; modules without one show the bit after the last."""
    empty = _function_modules(version, level, 0, trial=False)
    full = _function_modules(version, level, 0, trial=False, data=0xFF)
    side = len(empty)
    places = np.full((side, side), bit_count)
    number = 0
    # Upwards and downwards in turn through pairs of columns, from the right; the timing column is left out.
    for turn, right in enumerate([*range(side - 1, 6, -2), *range(5, 0, -2)]):
        for step in range(side):
            row = step if turn % 2 else side - 1 - step
            for column in (right, right - 1):
                # Bits that no module shows differently belong to function patterns, or are left over at the end.
                if empty[row, column] != full[row, column]:
                    places[row, column] = number
                    number += 1
    return places


def _function_modules(version: int, level: Level, mask: int, *, trial: bool, data: int = 0) -> Modules:
    """Let `qrcode` draw a symbol of one repeated byte; while it tries masks it leaves the format light."""
    code = QRCode(version=version, error_correction=LEVELS[level], border=0)
    code.data_cache = [data] * sum(block.total_count for block in rs_blocks(version, LEVELS[level]))
    code.makeImpl(trial, mask)
    return np.array(code.modules, dtype=np.bool_)


def _packed_lines(modules: Modules) -> Words:
    padded = np.zeros((len(modules), _WORD), dtype=np.uint8)
    padded[:, : len(modules)] = modules
    return np.packbits(padded, axis=1, bitorder="little").view(np.uint64).reshape(-1)


def _to_words(places: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Widen each line to a word, and lay all lines behind one another."""
    side = len(places)
    light = places.max()
    wide = np.full((side, _WORD), light)
    wide[:, :side] = places
    return wide.reshape(-1)
