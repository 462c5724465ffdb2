"""The kinds of clause that the code knows. A pack gives them numbers, scopes, dates, exceptions and sources."""

from typing import Annotated

from pydantic import Field

from .duties import Deadline, Duty, Presence, Rating, RefusalRight, Shares
from .frequency import Budget, Burst, Cap, Floor, Merge, Repeat, Reuse, Rotation, SameInspector
from .matters import Authorised, FirstOffence, ListedMatter, OffSiteFirst, PlanPublished, RandomDraw
from .people import Approval, Certificate, Helpers, Inspectors
from .times import Advance, LateEntry, QuietDay

KINDS = (
    ListedMatter, Authorised, OffSiteFirst, RandomDraw, PlanPublished, FirstOffence,
    Approval, Inspectors, Certificate, Helpers,
    Cap, Burst, Repeat, Reuse, SameInspector, Rotation, Merge, Budget, Floor,
    QuietDay, Advance, LateEntry,
    Deadline, Rating, Presence, RefusalRight, Duty, Shares,
)  # fmt: skip

AnyClause = Annotated[
    ListedMatter | Authorised | OffSiteFirst | RandomDraw | PlanPublished | FirstOffence
    | Approval | Inspectors | Certificate | Helpers
    | Cap | Burst | Repeat | Reuse | SameInspector | Rotation | Merge | Budget | Floor
    | QuietDay | Advance | LateEntry
    | Deadline | Rating | Presence | RefusalRight | Duty | Shares,
    Field(discriminator="kind"),
]  # fmt: skip

__all__ = [
    "KINDS",
    "Advance",
    "AnyClause",
    "Approval",
    "Authorised",
    "Budget",
    "Burst",
    "Cap",
    "Certificate",
    "Deadline",
    "Duty",
    "FirstOffence",
    "Floor",
    "Helpers",
    "Inspectors",
    "LateEntry",
    "ListedMatter",
    "Merge",
    "OffSiteFirst",
    "PlanPublished",
    "Presence",
    "QuietDay",
    "RandomDraw",
    "Rating",
    "RefusalRight",
    "Repeat",
    "Reuse",
    "Rotation",
    "SameInspector",
    "Shares",
]  # fmt: skip
