"""Who stands at the door, as the enterprise is told."""

from datetime import date
from uuid import UUID

from server.paging import Moment, Out
from server.visit.stages import Purpose


class MatterAtDoor(Out):
    """A matter as the enterprise is told of it."""

    name: str
    legal_basis: str


class GroundAtDoor(Out):
    """A ground for refusing entry, and where it is written."""

    ground: str
    ground_en: str
    source: str


class CapAtDoor(Out):
    """How much of a cap this year's visits use up, this one among them."""

    name: str
    used: int
    most: int


class WordsOut(Out):
    """Two words and a colour, the same on both phones."""

    first_word: str
    second_word: str
    colour: str
    shaken_at: Moment


class MeetingOut(WordsOut):
    """Who stands there, and the words that both phones show."""

    visit_id: UUID
    inspector_id: UUID
    inspector: str
    has_photo: bool
    agency: str
    certificate_no: str
    valid_to_on: date
    certified: bool
    purpose: Purpose
    basis: str
    amber: bool
    matters: list[MatterAtDoor]
    inspectors: list[str]
    helpers: int
    visits_this_year: int
    caps: list[CapAtDoor]
    refusal_grounds: list[GroundAtDoor]
