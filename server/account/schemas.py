"""What accounts and the reference lists look like on the wire."""

from datetime import date
from uuid import UUID

from pydantic import Field

from server.paging import In, Moment, Out, PageQuery

from .models import Role


class RegionRef(Out):
    code: str
    name: str


class RegionOut(RegionRef):
    parent_code: str | None


class AgencyRef(Out):
    id: UUID
    name: str
    department: str


class AgencyOut(AgencyRef):
    region: RegionRef
    level: str


class EnterpriseRef(Out):
    id: UUID
    uscc: str
    name: str


class InspectorRef(Out):
    id: UUID
    name: str
    certificate_no: str
    valid_from_on: date
    valid_to_on: date
    expired: bool
    agency: AgencyRef


class Me(Out):
    id: UUID
    username: str
    name: str
    role: Role
    agency: AgencyRef | None
    region: RegionRef | None
    enterprise: EnterpriseRef | None
    inspector: InspectorRef | None


class SessionIn(In):
    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=200)
    device: str = Field("", max_length=128)


class RefreshIn(In):
    refresh_token: str = Field(min_length=40, max_length=200)


class Session(Out):
    access_token: str
    expires_in: int
    refresh_token: str
    me: Me


class DeviceOut(Out):
    id: UUID
    label: str
    created_at: Moment
    used_at: Moment
    current: bool


class Devices(Out):
    items: list[DeviceOut]


class PasswordIn(In):
    current: str = Field(max_length=200)
    new: str = Field(max_length=200)


class Regions(Out):
    items: list[RegionOut]


class Agencies(Out):
    items: list[AgencyOut]


class AgencyQuery(PageQuery):
    region: str | None = Field(None, max_length=6)
    q: str | None = Field(None, max_length=50)


class InspectorQuery(PageQuery):
    agency_id: UUID | None = None
    q: str | None = Field(None, max_length=50)


class Inspectors(Out):
    items: list[InspectorRef]
    next_cursor: str | None


class AccountQuery(PageQuery):
    q: str | None = Field(None, max_length=50)
    role: Role | None = None


class AccountOut(Out):
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
    items: list[AccountOut]
    next_cursor: str | None


class OneTimePassword(Out):
    password: str
