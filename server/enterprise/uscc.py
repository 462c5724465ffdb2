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
