"""What comes in: the types of every field that a stranger fills, so narrow that both databases hold whatever passes.

A shape whose field has none of them does not load (`refuse_bare`), so nobody has to remember the list.
"""

import re
import types
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from urllib.parse import unquote_plus, unquote_to_bytes

from apiflask.fields import UploadFile
from flask.json.provider import DefaultJSONProvider
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError, PydanticKnownError
from werkzeug.datastructures import FileStorage

from .refusal import Fault, General, Refusal, field_error

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
MOST = 2**31 - 1  # what an INTEGER column of PostgreSQL holds
# Half characters, and marks that turn the direction of what follows: a name with one reads as another.
_NEVER = "\ud800-\udfff\u202a-\u202e\u2066-\u2069"
_NOT_IN_LINE = re.compile(f"[\0-\x1f\x7f-\x9f{_NEVER}]")
_NOT_IN_PROSE = re.compile(f"[\0-\x08\x0b-\x1f\x7f-\x9f{_NEVER}]")
MOST_NAMED = 20  # names that an answer repeats
FORBIDDEN, OUTSIDE = "forbidden_character", "outside_calendar"


def is_line(text: str) -> bool:
    """Whether a text is one line without anything that does not belong into a text."""
    return _NOT_IN_LINE.search(text) is None


def is_prose(text: str) -> bool:
    """The same of a text that may have several lines and tabs."""
    return _NOT_IN_PROSE.search(text) is None


class Json(DefaultJSONProvider):
    """JSON as both sides read it: Chinese stays readable, and a name that comes twice has no meaning (RFC 8259 §4)."""

    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value; a Refusal where one object has a name twice: one reader takes the first, another the last."""
        return super().loads(s, object_pairs_hook=_each_once, **kwargs)


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1][:MOST_NAMED]
        raise Refusal(General.INVALID_INPUT, 422, errors=[field_error(shown(name), Fault.MALFORMED) for name in twice])
    return found


def refuse_query(raw: bytes) -> None:
    """Every text of a query is UTF-8; other bytes would be asked for as question marks, and find the wrong thing."""
    if b"%" not in raw and raw.isascii():
        return
    for part in raw.split(b"&"):
        try:
            unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            name = shown(unquote_plus(part.partition(b"=")[0].decode("ascii", "replace")))
            fault = field_error(name, Fault.FORBIDDEN_CHARACTER)
            raise Refusal(General.INVALID_INPUT, 422, errors=[fault]) from None


def shown(text: str, *, longest: int = 200) -> str:
    """A stranger's text as it may be repeated in an answer: short, and with every odd character replaced."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:longest])


def _line(text: str) -> str:
    if not is_line(text):
        raise PydanticCustomError(FORBIDDEN, "holds a character that no text may have")
    return text


def _prose(text: str) -> str:
    text = text.replace("\r\n", "\n")
    if not is_prose(text):
        raise PydanticCustomError(FORBIDDEN, "holds a character that no text may have")
    return text


def _day(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise PydanticCustomError(OUTSIDE, "lies outside the years 2000 to 2100")
    return day


def _moment(at: datetime) -> datetime:
    # By its own calendar day: near the first and the last year there is another offset that no day has.
    _day(at.date())
    return at


def _number(number: Any) -> Any:
    if not number <= MOST:  # so that no NaN passes
        raise PydanticKnownError("less_than_equal", {"le": MOST})
    if number < -MOST - 1:
        raise PydanticKnownError("greater_than_equal", {"ge": -MOST - 1})
    return number


def _upload(file: FileStorage) -> FileStorage:
    _line(file.filename or "")
    return file


Line = Annotated[str, AfterValidator(_line)]
Prose = Annotated[str, AfterValidator(_prose)]
Day = Annotated[date, AfterValidator(_day)]
Instant = Annotated[AwareDatetime, AfterValidator(_moment)]
# By checks and not by bounds: of two bounds on one field pydantic keeps the wider.
Number = Annotated[int, AfterValidator(_number)]
Measure = Annotated[float, AfterValidator(_number)]
Upload = Annotated[UploadFile, AfterValidator(_upload)]
# A division by its code, or the digits that all below it share.
RegionCode = Annotated[str, Field(pattern=r"^[0-9]{0,6}$")]

_CHECKED = {_line, _prose, _day, _moment, _number, _upload}
_BARE: tuple[type, ...] = (str, bytes, int, float, date, FileStorage)
_SAFE: tuple[type, ...] = (bool, types.NoneType)


def refuse_bare(shape: type[BaseModel]) -> None:
    """A field that takes more than the databases hold is a mistake of ours; raises TypeError with its name."""
    for name, field in shape.model_fields.items():
        if not _is_narrow(field.annotation, field.metadata):
            raise TypeError(f"{shape.__name__}.{name}: take its type from server/incoming.py")


def _is_narrow(annotation: Any, known: list[Any]) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        more = [part for each in more for part in (each.metadata if isinstance(each, FieldInfo) else [each])]
        return _is_narrow(inner, [*known, *more])
    if origin is Literal:
        return True
    if origin in (Union, types.UnionType, list, dict):
        return all(_is_narrow(each, []) for each in get_args(annotation))
    if not isinstance(annotation, type):
        return False
    if issubclass(annotation, _BARE) and annotation.__module__ in ("builtins", "datetime", FileStorage.__module__):
        return issubclass(annotation, _SAFE) or _says_so(annotation, known)
    return annotation not in (dict, list, object, Any)


def _says_so(kind: type, known: list[Any]) -> bool:
    """By a check of ours; a text also by its pattern, a number also by both its ends."""
    said = {name for each in known for name in ("ge", "gt", "le", "lt") if getattr(each, name, None) is not None}
    checked = any(getattr(each, "func", None) in _CHECKED for each in known)
    patterned = kind is str and any(getattr(each, "pattern", None) for each in known)
    bounded = kind in (int, float) and bool(said & {"ge", "gt"}) and bool(said & {"le", "lt"})
    return checked or patterned or bounded
