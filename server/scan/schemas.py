"""A scan as it comes in, and an attempt as its readers see it."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from server.account.schemas import EnterpriseRef
from server.incoming import Instant, Measure, Prose
from server.meeting.schemas import WordsOut
from server.paging import In, Moment, Out
from server.policy.pack import Pack
from server.visit.stages import Stage

from . import rules
from .models import CodeKind, Presence, Scan, ScanMethod
from .sequence import Reading


class PlaceIn(In):
    """Where the phone says it is: WGS 84 degrees, and the radius in metres within which it is sure."""

    latitude: Measure = Field(ge=-90, le=90)
    longitude: Measure = Field(ge=-180, le=180)
    accuracy_m: Measure = Field(ge=0, le=1_000_000)


class ScanIn(In):
    """A code as it was read; `phone_code` is my enrolled phone's visit code of that very moment: it signs the scan."""

    id: UUID
    code: Prose = Field(min_length=1, max_length=600)
    method: ScanMethod
    scanned_at: Instant
    place: PlaceIn | None = None
    phone_code: Prose | None = Field(None, max_length=600)

    def reading(self, *, received_at: datetime) -> Reading:
        """The same as the rules take it."""
        at = self.place
        return Reading(
            id=self.id,
            code=self.code,
            method=self.method,
            scanned_at=self.scanned_at,
            received_at=received_at,
            place=(at.latitude, at.longitude, int(at.accuracy_m)) if at else None,
            phone_code=self.phone_code,
        )


class Place(Out):
    """A place as it is kept: to about 100 metres."""

    latitude: float
    longitude: float
    accuracy_m: int


class ScanOut(Out):
    """One attempt, let in or not."""

    id: UUID
    inspector: str
    method: ScanMethod
    scanned_at: Moment
    received_at: Moment
    accepted: bool
    reason: str | None
    presence: Presence | None
    presence_because: list[str]
    code_kind: CodeKind | None
    place: Place | None
    withdrawn_at: Moment | None
    withdrawn_reason: str | None
    mine: bool
    withdrawable: bool


class ScanAnswer(Out):
    """What an accepted scan is told: where the visit stands, who is still missing, and the words of a meeting."""

    scan: ScanOut
    visit_id: UUID
    stage: Stage
    enterprise: EnterpriseRef
    scanned: int
    needed: int
    words: WordsOut | None


class WithdrawalIn(In):
    """Why a scan is taken back."""

    reason: Prose = Field(min_length=1, max_length=200)


def scan_out(scan: Scan, *, to: UUID, policy: Pack, at: datetime) -> ScanOut:
    """An attempt as the account `to` sees it."""
    mine = scan.account_id == to
    return ScanOut(
        id=scan.id,
        inspector=scan.inspector.name,
        method=scan.method,
        scanned_at=scan.scanned_at,
        received_at=scan.received_at,
        accepted=scan.reason is None,
        reason=scan.reason,
        presence=scan.presence,
        presence_because=scan.presence_because or [],
        code_kind=CodeKind(scan.code_kind) if scan.code_kind else None,
        place=place_of(scan),
        withdrawn_at=scan.withdrawn_at,
        withdrawn_reason=scan.withdrawn_because,
        mine=mine,
        withdrawable=mine and rules.is_withdrawable(scan, policy=policy, at=at),
    )


def place_of(scan: Scan) -> Place | None:
    """Where a scan was made, as far as that is still kept."""
    if scan.latitude is None or scan.longitude is None:
        return None
    return Place(latitude=scan.latitude, longitude=scan.longitude, accuracy_m=scan.accuracy_m or 0)
