"""Paper slips: one-time codes for an enterprise without a phone, short enough to be read out and typed.

Sixteen characters in groups of four, of an alphabet without I, L, O and U: fourteen random ones
(70 bits) and two check characters, which betray any two wrong characters and any two swapped. The
same 80 bits as a token, for a camera: 2 bits kind (3), 4 bits zero, 80 bits, in 26 digits. Nothing is
signed: a slip is good because the server knows it, and the server keeps only a keyed hash.
"""

import hmac
import secrets

from .tokens import BadCode, CodeFault, Kind, plain, plaque_prefix, read_token, write_token

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_RANDOM = 14
_LENGTH = 16
_GROUP = 4
_DOMAIN = b"ruqi/slip/1\0"
# What is read for what was printed: the letters left out look like these, or sound like them.
_MEANT = str.maketrans("ILOU", "110V")
_SEPARATORS = str.maketrans("", "", " -\u2013_.")


def make_slip() -> str:
    """Make a new code, as it is printed: ``XXXX-XXXX-XXXX-XXXX``."""
    return complete("".join(secrets.choice(ALPHABET) for _ in range(_RANDOM)))


def complete(random: str) -> str:
    """Give the code of fourteen characters of the alphabet: groups, and the check characters at the end."""
    values = [ALPHABET.index(character) for character in random]
    return _grouped([*values, *_checks(values)])


def slip_token(code: str, *, prefix: str) -> str:
    """Write a code as a token, for the symbol beside it; BadCode when it is none."""
    number = 0
    for value in _values(code):
        number = number << 5 | value
    number |= Kind.SLIP << 84
    return write_token(Kind.SLIP, number.to_bytes(11, "big"), prefix=plaque_prefix(prefix))


def read_slip(text: str, *, prefix: str) -> str:
    """Give the code, as it is printed, of what was scanned or typed; BadCode when characters were mistaken."""
    if "://" not in text:
        return _grouped(_values(text))
    body = read_token(text, Kind.SLIP, prefix=plaque_prefix(prefix))
    number = int.from_bytes(body, "big")
    if number >> 80 & 15:
        raise BadCode(CodeFault.MALFORMED)
    return _grouped(_checked([number >> 5 * place & 31 for place in range(_LENGTH - 1, -1, -1)]))


def slip_hash(code: str, *, secret: bytes) -> bytes:
    """Give what the server keeps of a code, 32 bytes; without ``secret`` a stolen table says nothing of the codes."""
    spelled = "".join(ALPHABET[value] for value in _values(code))
    return hmac.digest(secret, _DOMAIN + spelled.encode("ascii"), "sha256")


def is_slip(code: str, kept: bytes, *, secret: bytes) -> bool:
    """Tell whether a code is the one of which ``kept`` was kept, in a time that says nothing of how alike they are."""
    return hmac.compare_digest(slip_hash(code, secret=secret), kept)


def _values(code: str) -> list[int]:
    """Read a typed code; BadCode when it is none or its check characters say that it was mistyped."""
    spelled = plain(code).translate(_SEPARATORS).translate(_MEANT)
    if len(spelled) != _LENGTH or not all(character in ALPHABET for character in spelled):
        raise BadCode(CodeFault.NOT_A_CODE)
    return _checked([ALPHABET.index(character) for character in spelled])


def _checked(values: list[int]) -> list[int]:
    if _checks(values[:_RANDOM]) != values[_RANDOM:]:
        raise BadCode(CodeFault.MALFORMED)
    return values


def _checks(values: list[int]) -> list[int]:
    """Give the two check values: the remainder of a Reed-Solomon code over 32 elements with roots 1 and 2."""
    first = second = 0
    for value in values:
        # The generator is x² + 3x + 2.
        carry = first ^ value
        first, second = second ^ _times_two(carry) ^ carry, _times_two(carry)
    return [first, second]


def _times_two(value: int) -> int:
    """Double in the field of 32 elements over x^5 + x^2 + 1."""
    return value << 1 ^ (0b100101 if value & 16 else 0)


def _grouped(values: list[int]) -> str:
    spelled = "".join(ALPHABET[value] for value in values)
    return "-".join(spelled[place : place + _GROUP] for place in range(0, _LENGTH, _GROUP))
