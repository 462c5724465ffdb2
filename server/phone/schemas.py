"""Phones as they come in and go out."""

from uuid import UUID

from pydantic import Field

from server.incoming import Line
from server.paging import In, Moment, Out

from .models import Phone, PhoneRole


class PhoneIn(In):
    """A public key as WebCrypto exports it raw (P-256, 65 bytes), base64url without padding."""

    public_key: Line = Field(min_length=86, max_length=90)
    label: Line = Field(min_length=1, max_length=64)


class PhoneOut(Out):
    """A phone as its enterprise sees it; `mine` says that it is the asker's own."""

    number: int
    label: str
    role: PhoneRole | None
    enrolled_at: Moment
    revoked_at: Moment | None
    revoked_because: str | None
    mine: bool

    @classmethod
    def of(cls, phone: Phone, *, to: UUID) -> "PhoneOut":
        """A phone as the account `to` sees it."""
        return cls(
            number=phone.number, label=phone.label, role=phone.role, enrolled_at=phone.enrolled_at,
            revoked_at=phone.revoked_at, revoked_because=phone.revoked_because, mine=phone.account_id == to,
        )  # fmt: skip
