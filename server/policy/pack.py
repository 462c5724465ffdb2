"""规则包: a city's rules as a versioned file. Code knows kinds of clause, never a city's number."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from .calendar import Calendar, statutory
from .clause import Clause, Part, Term
from .kinds import AnyClause
from .kinds.times import due_at

PACKS = Path(__file__).parent / "packs"
DEPTH = 5  # of `extends`
K = TypeVar("K", bound=Clause)
# Where no clause names a clock, one must run all the same: a record is never due never.
FALLBACK = {"record": Term(hours=72), "rating": Term(days=15)}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a pack: the file, the line, the clause where it is in one, and what."""

    file: str
    line: int | None
    clause: str | None
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {f'[{self.clause}] ' if self.clause else ''}{self.message}"


class PackError(Exception):
    """A policy pack that cannot be used; the text names file, line and clause of each fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


class Desk(Part):
    """The registration desk: how long a window may be and how far ahead it may lie."""

    window_max_hours: int = Field(ge=1)
    register_ahead_days: int = Field(ge=1)


class Door(Part):
    """The scan: how early, how late, how far from the site, and how long it can be taken back."""

    early_minutes: int = Field(ge=0)
    withdraw_minutes: int = Field(ge=1)
    offline_days: int = Field(ge=0)
    clock_skew_minutes: int = Field(ge=0)
    site_radius_m: int = Field(ge=50)
    place_days: int = Field(180, ge=1, description="how long the place of a scan is kept")
    prompt_minutes: int = Field(5, ge=1, description="a scan heard later than this proves its moment less strongly")


class Drawing(Part):
    """双随机抽取: for how long a visit may be registered under a draw, and how many chances an enterprise has.

    `weights` gives the chances by tier; an enterprise without a tier has those of "", and where no number
    is given, one.
    """

    assignment_days: int = Field(default=180, ge=1)
    weights: dict[str, Annotated[int, Field(ge=1, le=100)]] = Field(default_factory=dict)


class Pack(Part):
    """One policy pack, as rules receive it (`policy=`): its clauses, its two desks, its calendar."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    version: str = Field(pattern=r"^[0-9][0-9A-Za-z.-]*$")
    title: str = Field(min_length=1)
    title_en: str = ""
    about: str = ""
    extends: str | None = Field(None, description="another pack, whose clauses come first; same id replaces")
    drop: tuple[str, ...] = Field((), description="ids of inherited clauses that do not hold here")
    tier_matrix: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="风险×信用 → 等级: risk (low, medium, high) → credit (A to D) → tier (A to D)"
    )
    desk: Desk
    scan: Door
    # Packs that were frozen before draws had numbers must still be read.
    draw: Drawing = Drawing()
    clause: tuple[AnyClause, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique(self) -> "Pack":
        seen: set[str] = set()
        for clause in self.clause:
            if clause.id in seen:
                raise ValueError(f"two clauses are called {clause.id}")
            seen.add(clause.id)
        return self

    @property
    def name(self) -> str:
        """How a verdict names this pack."""
        return f"{self.id}@{self.version}"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the composed pack in canonical JSON: two packs that judge alike have the same."""
        canonical = json.dumps(self.model_dump(mode="json", by_alias=True), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @cached_property
    def calendar(self) -> Calendar:
        """The working days that terms count; `with_calendar` gives a city's own."""
        return statutory()

    def with_calendar(self, calendar: Calendar) -> "Pack":
        """The same pack on an edited calendar."""
        other = self.model_copy()
        other.__dict__["calendar"] = calendar
        return other

    def tier_of(self, risk: str, credit: str) -> str:
        """The tier that a risk and a credit make together; without a matrix the credit's own letter."""
        return self.tier_matrix.get(risk, {}).get(credit, credit)

    def find(self, clause_id: str) -> Clause | None:
        """The clause of this id."""
        return self._by_id.get(clause_id)

    def of_kind(self, kind: type[K]) -> Iterator[K]:
        """The clauses of one kind."""
        return (clause for clause in self.clause if isinstance(clause, kind))

    @cached_property
    def _by_id(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.clause}

    @cached_property
    def memo(self) -> dict[Any, Any]:
        """Where judging keeps what it has already worked out of this pack."""
        return {}

    @cached_property
    def by_matter(self) -> bool:
        """Whether any clause is scoped to matters."""
        return any(clause.scope.matter for clause in self.clause)

    @cached_property
    def boundaries(self) -> list[date]:
        """The days on which some clause begins or has ended, sorted."""
        begins = {each.valid_from for each in self.clause if each.valid_from}
        ends = {each.valid_to + timedelta(days=1) for each in self.clause if each.valid_to}
        return sorted(begins | ends)

    def due(self, term: Term, at: datetime) -> datetime:
        """When a term that starts at `at` ends, by this pack's calendar."""
        return due_at(term, at, self.calendar)


# --- reading files -------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def load(name: str) -> Pack:
    """Read a shipped pack by name, or any pack by path, with what it extends; raises PackError."""
    return compose(read_layers(name))


def read_layers(name: str, *, text: str | None = None) -> list[tuple[str, str]]:
    """(file name, text) of a pack and of everything it extends, the base first.

    With a `text` the first one is a draft of that name, which may extend shipped packs only.
    """
    layers: list[tuple[str, str]] = []
    wanted: str | None = name
    folder = PACKS
    if text is not None:
        layers.append((name, text))
        wanted = _extended(name, text)
        if wanted is not None and not re.fullmatch(r"[a-z][a-z0-9_-]*", wanted):
            raise PackError([Fault(name, Lines(text).of("extends"), None, "a draft may extend a shipped pack only")])
    while wanted is not None:
        path = Path(wanted) if wanted.endswith(".toml") else _beside(wanted, folder)
        if len(layers) == DEPTH:
            raise PackError([Fault(path.name, None, None, "extends itself, or more than five packs deep")])
        try:
            text = path.read_text("utf-8")
        except (FileNotFoundError, IsADirectoryError):
            raise PackError([Fault(f"policy pack {wanted}", None, None, f"no such file ({path})")]) from None
        except UnicodeDecodeError as error:
            raise PackError([Fault(path.name, None, None, f"is not UTF-8: {error.reason}")]) from None
        layers.append((path.name, text))
        folder = path.parent
        wanted = _extended(path.name, text)
    return layers[::-1]


def compose(layers: Sequence[tuple[str, str]]) -> Pack:
    """One pack out of its layers, the base first: later tables add to earlier, later clauses replace."""
    whole: dict[str, Any] = {}
    clauses: dict[str, tuple[Clause, int]] = {}
    faults: list[Fault] = []
    for file, text in layers:
        raw = _parse(file, text)
        lines = Lines(text)
        for dropped in raw.get("drop", ()):
            if clauses.pop(dropped, None) is None:
                faults.append(Fault(file, lines.of("drop"), None, f"drop: no inherited clause is called {dropped}"))
        own: set[str] = set()
        for index, entry in enumerate(_tables(raw.pop("clause", []))):
            label = str(entry.get("id", f"clause {index + 1}"))
            if label in own:
                faults.append(Fault(file, lines.of("clause", index), label, "this id is used twice in the file"))
            own.add(label)
            try:
                clauses[label] = (_CLAUSE.validate_python(entry), index)
            except ValidationError as error:
                faults.extend(_faults_of(error, file, lines, label=label, index=index))
        for key, value in raw.items():
            merged = isinstance(value, dict) and isinstance(whole.get(key), dict)
            whole[key] = {**whole[key], **value} if merged else value
    if faults:
        raise PackError(faults)
    file, text = layers[-1]
    try:
        return Pack.model_validate({**whole, "clause": [clause for clause, _ in clauses.values()]})
    except ValidationError as error:
        raise PackError(list(_faults_of(error, file, Lines(text)))) from None


def json_schema() -> dict[str, Any]:
    """The published JSON Schema of a pack file."""
    schema = Pack.model_json_schema(by_alias=True)
    # What a file may leave to the pack it extends.
    schema["required"] = ["id", "version", "title"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


_CLAUSE: TypeAdapter[Clause] = TypeAdapter(AnyClause)


def _beside(name: str, folder: Path) -> Path:
    """A pack named without a path: beside the one that extends it, else among those that are shipped."""
    near = folder / f"{name}.toml"
    return near if near.exists() else PACKS / f"{name}.toml"


def _extended(file: str, text: str) -> str | None:
    """The pack that a file extends, if it names one."""
    wanted = _parse(file, text).get("extends")
    if wanted is not None and not isinstance(wanted, str):
        raise PackError([Fault(file, Lines(text).of("extends"), None, "extends must name one pack")])
    return wanted


def _parse(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise PackError([Fault(file, int(found[1]) if found else None, None, str(error))]) from None


def _tables(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _faults_of(
    error: ValidationError, file: str, lines: "Lines", *, label: str | None = None, index: int | None = None
) -> Iterator[Fault]:
    """One fault for each thing that the schema found, with its line in the file."""
    for each in error.errors():
        # A tagged union puts the kind itself into the path.
        path = each["loc"][1:] if label else each["loc"]
        key = next((part for part in path if isinstance(part, str)), None)
        where = ".".join(map(str, path))
        line = lines.of("clause", index, key) if index is not None else lines.of(key or "")
        yield Fault(file, line, label, f"{where}: {each['msg']}" if where else each["msg"])


class Lines:
    """Where the entries of a TOML text stand: its parser keeps no lines."""

    def __init__(self, text: str) -> None:
        self._top: dict[str, int] = {}
        self._clauses: list[dict[str, int]] = []
        here = self._top
        for number, line in enumerate(text.splitlines(), start=1):
            header = re.match(r"\s*\[\[?\s*([A-Za-z_][\w.-]*)\s*\]\]?", line)
            entry = re.match(r"\s*([A-Za-z_][\w-]*)\s*=", line)
            if header and header[1] == "clause":
                here = {"": number}
                self._clauses.append(here)
            elif header:
                first, _, rest = header[1].partition(".")
                if first == "clause" and self._clauses:
                    here = self._clauses[-1]
                    here.setdefault(rest, number)
                else:
                    here = self._top
                    here.setdefault(first, number)
            elif entry:
                here.setdefault(entry[1], number)

    def of(self, key: str, index: int | None = None, entry: str | None = None) -> int | None:
        """The line of a top entry, or of a clause (`index`) and of an entry in it."""
        if index is None:
            return self._top.get(key)
        if index >= len(self._clauses):
            return None
        places = self._clauses[index]
        return places.get(entry or "", places[""])
