"""统一社会信用代码 (GB 32100-2015): shape is an error, a check character that disagrees only a doubt."""

import re
import unicodedata
from dataclasses import dataclass

from stdnum.cn import uscc as gb32100

SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")


@dataclass(frozen=True, slots=True)
class Uscc:
    """A code of the right shape; `doubtful` when its check character does not agree."""

    text: str
    doubtful: bool


def read_uscc(text: str) -> Uscc | None:
    """Read a typed or imported code; None when the shape is wrong.

    Full width becomes half width and lower case upper case; the letter O is never read as a zero,
    since a silent correction would name another firm. Early Fujian codes (subject part `M000…`) are
    lawful though their sum fails, which is why a doubt never blocks.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace(" ", "").replace("-", "").upper()
    if not SHAPE.fullmatch(plain):
        return None
    return Uscc(plain, doubtful=gb32100.calc_check_digit(plain[:17]) != plain[17])


def find_uscc(text: str) -> Uscc | None:
    """The one code that a business licence's QR text holds: an address with it as a parameter, or lines of text.

    Only a code whose check character agrees is taken from among other characters, and only when it is alone:
    a long number must not be read as somebody's code.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    parts = {part for part in re.split(r"[^0-9A-Z]+", plain) if SHAPE.fullmatch(part)}
    found = [code for part in sorted(parts) if (code := read_uscc(part)) is not None and not code.doubtful]
    return found[0] if len(found) == 1 else None
