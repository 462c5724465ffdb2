"""GB/T 4754-2017: the section (门类, one letter) that a code's first two digits belong to."""

from bisect import bisect_right

# First division of each section, A to T.
_SECTIONS = [(1, "A"), (6, "B"), (13, "C"), (44, "D"), (47, "E"), (51, "F"), (53, "G"), (61, "H"), (63, "I"), (66, "J"),
             (70, "K"), (71, "L"), (73, "M"), (76, "N"), (80, "O"), (83, "P"), (84, "Q"), (86, "R"), (91, "S"),
             (97, "T")]  # fmt: skip
_FIRST = [first for first, _ in _SECTIONS]


def sector_of(code: str | None) -> str:
    """Section letter followed by the code ("C1432"); empty without a code, or for one that names no division."""
    if not code or not code[:2].isdigit() or not 1 <= int(code[:2]) <= 97:
        return ""
    return _SECTIONS[bisect_right(_FIRST, int(code[:2])) - 1][1] + code
