"""A city's numbers as a versioned file. Code knows kinds of rule, never a city's number."""

import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PACKS = Path(__file__).parent / "packs"


class PackError(Exception):
    """A policy pack that cannot be used; the text names the file and the entry."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RegistrationNumbers(_Part):
    min_inspectors: int = Field(ge=1, le=10)
    urgent_bases: frozenset[str]
    window_max_hours: int = Field(ge=1)
    register_ahead_days: int = Field(ge=1)
    late_start_minutes: int = Field(ge=0)


class ApprovalNumbers(_Part):
    urgent_hours: int = Field(ge=1)


class ScanNumbers(_Part):
    early_minutes: int = Field(ge=0)
    withdraw_minutes: int = Field(ge=1)
    offline_days: int = Field(ge=0)
    clock_skew_minutes: int = Field(ge=0)
    site_radius_m: int = Field(ge=50)


class RecordNumbers(_Part):
    due_hours: int = Field(ge=1)


class EvaluationNumbers(_Part):
    window_days: int = Field(ge=1)


class Pack(_Part):
    """One policy pack, as rules receive it (`policy=`)."""

    id: str
    version: str
    title: str
    registration: RegistrationNumbers
    approval: ApprovalNumbers
    scan: ScanNumbers
    record: RecordNumbers
    evaluation: EvaluationNumbers


@lru_cache(maxsize=8)
def load(name: str) -> Pack:
    """Read a shipped pack by name, or any pack by path; raises PackError naming what is wrong."""
    path = Path(name) if name.endswith(".toml") else PACKS / f"{name}.toml"
    try:
        return Pack.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise PackError(f"policy pack {name}: no such file ({path})") from None
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"policy pack {path}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise PackError(f"policy pack {path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
