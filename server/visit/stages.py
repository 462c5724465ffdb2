"""The closed words of a visit: where it stands, what it is, why now."""

from enum import StrEnum


class Stage(StrEnum):
    """环节: where a visit stands in the loop."""

    REGISTERED = "registered"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ON_SITE = "on_site"
    TURNED_AWAY = "turned_away"
    RECORDED = "recorded"
    EVALUATED = "evaluated"
    UNRATED = "unrated"


class Purpose(StrEnum):
    """检查 or 服务走访; a service visit carries no findings and is counted apart."""

    INSPECTION = "inspection"
    SERVICE = "service"


class Basis(StrEnum):
    """检查依据: why now."""

    PLAN = "plan"
    RANDOM_DRAW = "random_draw"
    COMPLAINT = "complaint"
    TIP = "tip"
    ORDERED = "ordered"
    FOLLOW_UP = "follow_up"
    EMERGENCY = "emergency"
    REQUEST = "request"
    SERVICE = "service"
