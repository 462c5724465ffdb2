"""What accounts and the reference lists look like on the wire."""

from datetime import date
from uuid import UUID

from pydantic import Field

from server.incoming import Line, RegionCode
from server.paging import In, Moment, Out, PageQuery

from .models import Role


class RegionRef(Out):
    """A division by its code and name."""

    code: str
    name: str


class RegionOut(RegionRef):
    """A division and the one it lies in."""

    parent_code: str | None


class AgencyRef(Out):
    """A body that may visit, as others name it."""

    id: UUID
    name: str
    department: str


class AgencyOut(AgencyRef):
    """A body with its division and level (city or county)."""

    region: RegionRef
    level: str


class EnterpriseRef(Out):
    """An enterprise as others name it."""

    id: UUID
    uscc: str
    name: str


class InspectorRef(Out):
    """An inspector with the certificate, and whether it has expired today."""

    id: UUID
    name: str
    certificate_no: str
    valid_from_on: date
    valid_to_on: date
    expired: bool
    agency: AgencyRef


class Me(Out):
    """Who somebody is, and for whom they act."""

    id: UUID
    username: str
    name: str
    role: Role
    agency: AgencyRef | None
    region: RegionRef | None
    enterprise: EnterpriseRef | None
    inspector: InspectorRef | None


class SessionIn(In):
    """A user name, its password, and what the device calls itself."""

    username: Line = Field(min_length=1, max_length=64)
    password: Line = Field(min_length=1, max_length=200)
    device: Line = Field("", max_length=128)


class RefreshIn(In):
    """The newest refresh token of a device."""

    refresh_token: Line = Field(min_length=40, max_length=200)


class Session(Out):
    """A short access token, the refresh token that is told this once, and who it is."""

    access_token: str
    expires_in: int
    refresh_token: str
    me: Me


class DeviceOut(Out):
    """A phone or browser that is signed in."""

    id: UUID
    label: str
    created_at: Moment
    used_at: Moment
    current: bool


class Devices(Out):
    """The devices on which an account is signed in."""

    items: list[DeviceOut]


class PasswordIn(In):
    """The password that holds and the one that is to hold."""

    current: Line = Field(max_length=200)
    new: Line = Field(max_length=200)


class Regions(Out):
    """All divisions."""

    items: list[RegionOut]


class Agencies(Out):
    """The bodies that may visit."""

    items: list[AgencyOut]


class AgencyQuery(PageQuery):
    """Which bodies: of a division with all below it, or by a part of the name."""

    region: RegionCode | None = Field(None, max_length=6)
    q: Line | None = Field(None, max_length=50)


class InspectorQuery(PageQuery):
    """Which inspectors: of a body, or by a part of the name."""

    agency_id: UUID | None = None
    q: Line | None = Field(None, max_length=50)


class Inspectors(Out):
    """One page of inspectors."""

    items: list[InspectorRef]
    next_cursor: str | None


class AccountQuery(PageQuery):
    """Which accounts: of a role, or by a part of a name."""

    q: Line | None = Field(None, max_length=50)
    role: Role | None = None


class AccountOut(Out):
    """An account as its administrator sees it; never its password."""

    id: UUID
    username: str
    name: str
    role: Role
    agency: AgencyRef | None
    region: RegionRef | None
    enterprise: EnterpriseRef | None
    locked_until: Moment | None
    disabled: bool


class Accounts(Out):
    """One page of accounts."""

    items: list[AccountOut]
    next_cursor: str | None


class OneTimePassword(Out):
    """A new password, shown this once."""

    password: str
