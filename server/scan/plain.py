"""A scan's facts without a session: what the rules read and fill in, in the columns' own names."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from server.code.rules import Token
from server.straight import Ordinary
from server.visit.stages import Basis, Stage

from .models import Presence, ScanMethod
from .sequence import Found, Reading


@dataclass(slots=True)
class PlainInspector:
    """A scanning inspector, with the certificate's days."""

    id: UUID
    name: str
    valid_from_on: date
    valid_to_on: date

    def is_certified(self, on: date) -> bool:
        """The certificate's own question, of these columns."""
        return self.valid_from_on <= on <= self.valid_to_on


@dataclass(slots=True)
class PlainEnterprise:
    """Whose door it is; `site` is latitude and longitude (degrees)."""

    id: UUID
    uscc: str
    name: str
    site: tuple[float, float] | None


@dataclass(slots=True)
class PlainPart:
    """The inspector's place in the visit."""

    inspector_id: UUID
    scanned_at: datetime | None
    met_at: datetime | None
    inspector: PlainInspector


@dataclass(slots=True)
class PlainScan:
    """A scan as the rules fill it in."""

    id: UUID
    visit_id: UUID
    enterprise_id: UUID
    inspector_id: UUID
    account_id: UUID
    device_id: UUID | None
    serial: int | None
    code_kind: str
    phone_number: int | None
    inspector_phone: int | None
    method: ScanMethod
    scanned_at: datetime
    received_at: datetime
    reason: str | None
    latitude: float | None = None
    longitude: float | None = None
    accuracy_m: int | None = None
    presence: Presence | None = None
    presence_because: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PlainVisit:
    """The visit, as far as a scan of a plaque is judged by it; what it keeps is written with the scan."""

    id: UUID
    enterprise_id: UUID
    agency_id: UUID
    region_code: str
    basis: Basis
    stage: Stage
    window_from_at: datetime
    window_to_at: datetime
    off_site_means: str | None
    clocks: dict[str, Any]
    on_site_at: datetime | None
    record_due_at: datetime | None
    inspectors_needed: int
    enterprise: PlainEnterprise
    inspectors: list[PlainPart]
    kept: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_off_site(self) -> bool:
        """As of a visit."""
        return self.off_site_means is not None

    def keep(self, event: dict[str, Any]) -> None:
        """What is written with the scan."""
        self.kept.append(event)


class PlaqueDoor:
    """Nothing but a plaque that is what it says: the rest of the world is the ordinary way's."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def look_up(self, reading: Reading) -> Found:
        """It was read with the other facts."""
        return self._found

    def strike_off(self, token: Token, *, at: datetime) -> bool:
        """A plaque may be shown again and again."""
        return True

    def meet(self, part: Any, *, inspector_phone: int, enterprise_phone: int, at: datetime) -> Any:
        """Phones meet on the ordinary way."""
        raise Ordinary

    def settle(self) -> None:
        """Counters are changed on the ordinary way."""
        raise Ordinary

    def row(self, **columns: Any) -> Any:
        """No session keeps it: it is written by its columns."""
        return PlainScan(**columns)
