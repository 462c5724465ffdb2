"""A stored file as its readers see it."""

from uuid import UUID

from server.paging import Moment, Out

from .models import Evidence


class EvidenceOut(Out):
    """A stored file as its readers see it."""

    id: UUID
    sha256: str
    media_type: str
    size: int
    name: str
    taken_at: Moment | None
    url: str


def evidence_out(each: Evidence) -> EvidenceOut:
    """A stored file as its readers see it."""
    return EvidenceOut(
        id=each.id,
        sha256=each.sha256,
        media_type=each.media_type,
        size=each.size,
        name=each.name,
        taken_at=each.taken_at,
        url=f"/api/v1/evidence/{each.id}",
    )
