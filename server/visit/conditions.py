"""Questions that are asked of one visit and of all: each is defined here once, and answers in Python and in SQL."""

from server.condition import all_of, any_of, is_in, is_past, is_set, is_unset

from .stages import Stage

# Somebody was at the door; the day is that of arrival. An inspection off site never is (不见面检查).
ARRIVED = is_set("on_site_at")
# It took place: somebody arrived, or what was inspected from afar was recorded.
DONE = any_of(ARRIVED, all_of(is_set("off_site_means"), is_set("recorded_at")))
# Not any more: rejected, called off, or nobody came.
GONE = is_in("stage", Stage.REJECTED, Stage.CANCELLED, Stage.EXPIRED)
# Under way or done, and not gone.
GOES_ON = (Stage.APPROVED, Stage.ON_SITE, Stage.TURNED_AWAY, Stage.RECORDED, Stage.EVALUATED, Stage.UNRATED)
# It still asks something of somebody.
OPEN = is_in("stage", Stage.REGISTERED, Stage.APPROVED, Stage.ON_SITE, Stage.TURNED_AWAY)
# An urgent visit that still lacks the approval that must follow it.
AMBER = all_of(is_set("approval_due_at"), is_unset("approved_at"))
# A head still owes it a yes or a no; what was called off, or where nobody came, needs none any more.
UNDECIDED = any_of(is_in("stage", Stage.REGISTERED), all_of(AMBER, is_in("stage", *GOES_ON)))
# Whoever is named may scan, show a code or meet the enterprise's phone.
DOOR_OPEN = all_of(is_unset("off_site_means"), is_in("stage", Stage.APPROVED, Stage.ON_SITE))
# The inspectors owe a record of what they saw, or of the door that stayed shut.
RECORD_OWED = is_in("stage", Stage.ON_SITE, Stage.TURNED_AWAY)
OVERDUE = all_of(RECORD_OWED, is_past("record_due_at"))
# Its time is over.
OVER = is_past("window_to_at")
# It was to be seen at a door, its time is over, and nobody scanned there.
NEVER_SCANNED = all_of(
    is_unset("off_site_means"),
    any_of(is_in("stage", Stage.EXPIRED), all_of(is_in("stage", Stage.APPROVED), OVER)),
)
