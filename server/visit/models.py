"""入企检查: one entry into one enterprise, from registration to evaluation."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, String, and_, exists, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, Mapped, WriteOnlyMapped, mapped_column, relationship, selectinload
from sqlalchemy.sql.base import ExecutableOption

import server.plaque.models  # noqa: F401  # what an enterprise's plaques are must be known before any mapper is whole
from server.account.models import Agency, Inspector, Role
from server.account.rules import Actor, region_prefix
from server.catalogue.models import Matter
from server.db import Base, code_type, db, locked
from server.enterprise.models import Enterprise
from server.ids import new_id
from server.ledger.models import Event

from .conditions import AMBER, OVERDUE
from .stages import Basis, Purpose, Stage
from .verdicts import VisitVerdict


class Visit(Base):
    """One visit. `stage` is written by `visit.rules.move` and by nothing else.

    A joint visit (综合查一次) is one visit with several agencies; `agency` leads. Region, agency and
    enterprise stand on the row itself, since every list and every figure asks by them.
    """

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("window_from_at < window_to_at", name="window"),
        CheckConstraint("inspectors_needed >= 1", name="inspectors_needed"),
        CheckConstraint("(purpose = 'service') = (basis = 'service')", name="service_basis"),
        CheckConstraint("off_site_means IN ('materials', 'video')", name="off_site_means"),
        CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL) AND (confirmed_at IS NULL) = (confirmed IS NULL)",
            name="confirmed_pair",
        ),
        Index("ix_visit_enterprise", "enterprise_id", "window_from_at"),
        Index("ix_visit_agency", "agency_id", "stage", "window_from_at"),
        Index("ix_visit_region", "region_code", "window_from_at"),
        # A city's list is read in its order; it ends with the page.
        Index("ix_visit_window", "window_from_at", "id"),
        Index("ix_visit_clock", "stage", "window_to_at"),
        Index("ix_visit_record_due", "stage", "record_due_at"),
        Index(
            "ix_visit_amber",
            "approval_due_at",
            sqlite_where=text("approval_due_at IS NOT NULL AND approved_at IS NULL"),
            postgresql_where=text("approval_due_at IS NOT NULL AND approved_at IS NULL"),
        ),
        Index("ix_visit_on_site", "on_site_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    purpose: Mapped[Purpose] = mapped_column(code_type(Purpose, "purpose"))
    basis: Mapped[Basis] = mapped_column(code_type(Basis, "basis"))
    stage: Mapped[Stage] = mapped_column(code_type(Stage, "stage"))
    reason: Mapped[str] = mapped_column(String(500), default="")
    window_from_at: Mapped[datetime]
    window_to_at: Mapped[datetime]
    inspectors_needed: Mapped[int]
    policy_version: Mapped[str] = mapped_column(String(64))
    # What the pack demanded of this visit when it was registered: clocks by name, grade, the clauses that
    # passed, and the standing ones that always speak; whatever spoke of this visit alone is a row.
    clocks: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    presence_demanded: Mapped[str | None] = mapped_column(String(16))
    passed: Mapped[list[str]] = mapped_column(JSON, default=list)
    noted: Mapped[list[str]] = mapped_column(JSON, default=list)
    tier: Mapped[str] = mapped_column(String(16), default="")
    # 不见面检查: no door, so nobody scans; how it is done instead, and what the enterprise is asked for.
    off_site_means: Mapped[str | None] = mapped_column(String(16))
    asked_for: Mapped[str] = mapped_column(String(1000), default="")
    # 补录: registered after it began; shown as unconfirmed until the enterprise has answered.
    is_late: Mapped[bool] = mapped_column(default=False)
    confirmed: Mapped[bool | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    registered_at: Mapped[datetime]
    registered_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    # An urgent visit goes ahead of the heads' approval; until this clock is answered it is amber.
    approval_due_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    on_site_at: Mapped[datetime | None]
    record_due_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime | None]
    # What the sealed record says, kept here for those who count: people, minutes, defects.
    heads: Mapped[int | None]
    minutes: Mapped[int | None]
    found: Mapped[int | None]
    evaluation_due_at: Mapped[datetime | None]
    evaluated_at: Mapped[datetime | None]

    # Nothing is read on the way: whoever needs more than the row says so (`raise_on_sql`), in one place with its query.
    enterprise: Mapped[Enterprise] = relationship(lazy="raise_on_sql")
    agency: Mapped[Agency] = relationship(lazy="raise_on_sql")
    agencies: Mapped[list["VisitAgency"]] = relationship(
        back_populates="visit", cascade="all, delete-orphan", order_by="VisitAgency.agency_id", lazy="raise_on_sql"
    )
    inspectors: Mapped[list["VisitInspector"]] = relationship(
        back_populates="visit",
        cascade="all, delete-orphan",
        order_by="VisitInspector.inspector_id",
        lazy="raise_on_sql",
    )
    helpers: Mapped[list["Helper"]] = relationship(
        cascade="all, delete-orphan", order_by="Helper.id", lazy="raise_on_sql"
    )
    matters: Mapped[list[Matter]] = relationship(secondary="visit_matter", order_by=Matter.code, lazy="raise_on_sql")
    verdicts: Mapped[list[VisitVerdict]] = relationship(
        cascade="all, delete-orphan", order_by=VisitVerdict.id, lazy="raise_on_sql"
    )
    # Write-only: a move adds an event and never reads the ones before.
    events: WriteOnlyMapped[Event] = relationship(
        primaryjoin="and_(foreign(Event.subject_id) == Visit.id, Event.subject_kind == 'visit')",
        order_by=Event.id,
    )

    @property
    def is_amber(self) -> bool:
        """Whether this urgent visit still lacks the approval that must follow it."""
        return AMBER.holds(self)

    @property
    def is_off_site(self) -> bool:
        """Whether nobody goes there (不见面检查)."""
        return self.off_site_means is not None

    @property
    def is_blocked(self) -> bool:
        """Whether a block stands that nobody has lifted."""
        return any(verdict.stands for verdict in self.verdicts)

    def keep(self, event: dict[str, Any]) -> None:
        """Add an event to this visit's own, by its columns."""
        self.events.add(Event(**event))

    def is_overdue(self, at: datetime) -> bool:
        """Whether its record should have been sealed by now."""
        return OVERDUE.holds(self, at=at)


class VisitAgency(Base):
    """One agency's part in a visit, with its head's decision; the lead's row is among them."""

    __tablename__ = "visit_agency"
    __table_args__ = (
        CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="decided_pair",
        ),
        CheckConstraint("decision IN ('approve', 'reject')", name="decision"),
        Index("ix_visit_agency_agency", "agency_id", "visit_id"),
        # Whose word a visit waits for: few among all that were ever decided.
        Index(
            "ix_visit_agency_undecided",
            "agency_id",
            "visit_id",
            sqlite_where=text("decision IS NULL"),
            postgresql_where=text("decision IS NULL"),
        ),
    )

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    decision: Mapped[Literal["approve", "reject"] | None] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(500), default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))

    visit: Mapped[Visit] = relationship(back_populates="agencies")
    agency: Mapped[Agency] = relationship()


class VisitInspector(Base):
    """An inspector named for a visit, with the certificate as it stood at registration."""

    __tablename__ = "visit_inspector"
    __table_args__ = (Index("ix_visit_inspector_inspector", "inspector_id", "visit_id"),)

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    inspector_id: Mapped[UUID] = mapped_column(ForeignKey("inspector.id"), primary_key=True)
    certificate_no: Mapped[str] = mapped_column(String(64))
    scanned_at: Mapped[datetime | None]
    # 双向亮码: when the enterprise's phone met this inspector's.
    met_at: Mapped[datetime | None]

    visit: Mapped[Visit] = relationship(back_populates="inspectors")
    inspector: Mapped[Inspector] = relationship()


class Helper(Base):
    """辅助人员: anyone else at the door, named and counted; may not inspect."""

    __tablename__ = "helper"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    organisation: Mapped[str] = mapped_column(String(128), default="")


class VisitMatter(Base):
    """A matter locked into a visit, in the version that was listed at registration."""

    __tablename__ = "visit_matter"

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)


# --- named queries -----------------------------------------------------------------------------

# What is read beside a visit, by statements of their own: after a lock was waited for, joined rows would be old ones.
INSPECTORS = selectinload(Visit.inspectors).selectinload(VisitInspector.inspector)
AGENCIES = selectinload(Visit.agencies).selectinload(VisitAgency.agency)
MATTERS = selectinload(Visit.matters)
HELPERS = selectinload(Visit.helpers)
VERDICTS = selectinload(Visit.verdicts)
ENTERPRISE = selectinload(Visit.enterprise)
AGENCY = selectinload(Visit.agency)
WHOLE = (INSPECTORS, AGENCIES, MATTERS, HELPERS, VERDICTS, ENTERPRISE, AGENCY)


def in_scope(actor: Actor, *, of_few: bool = False) -> ColumnElement[bool]:
    """Which visits this person may see: an agency's own, a region's subtree, an enterprise's once approved.

    `of_few`: other conditions leave few visits, so each is asked for its agencies, not an agency for all its visits.
    """
    if actor.role in (Role.INSPECTOR, Role.HEAD):
        return is_part(VisitAgency.visit_id, VisitAgency.agency_id == actor.agency_id, of_few=of_few)
    if actor.role is Role.ENTERPRISE:
        told = Visit.stage.not_in((Stage.REGISTERED, Stage.REJECTED))
        return and_(Visit.enterprise_id == actor.enterprise_id, told)
    assert actor.region_code is not None  # the account's CHECK demands it
    return _below(actor.region_code)


def narrowed(
    *, agency_id: UUID | None, region: str | None, basis: Basis | None, purpose: Purpose | None, q: str | None
) -> list[ColumnElement[bool]]:
    """Who goes, where, why and to whom, as every list of visits is narrowed; None leaves a question open."""
    wanted: list[ColumnElement[bool]] = []
    if agency_id:
        wanted.append(Visit.id.in_(select(VisitAgency.visit_id).where(VisitAgency.agency_id == agency_id)))
    if region:
        wanted.append(_below(region))
    if basis:
        wanted.append(Visit.basis == basis)
    if purpose:
        wanted.append(Visit.purpose == purpose)
    if q:
        named = Enterprise.name.contains(q, autoescape=True)
        coded = Enterprise.uscc.startswith(q.upper(), autoescape=True)
        wanted.append(Visit.enterprise_id.in_(select(Enterprise.id).where(or_(named, coded))))
    return wanted


def is_part(visit_id: InstrumentedAttribute[UUID], mine: ColumnElement[bool], *, of_few: bool) -> ColumnElement[bool]:
    """Visits with such a part: the same answer either way, but SQLite begins with what an IN holds."""
    if of_few:
        return exists().where(visit_id == Visit.id, mine)
    return Visit.id.in_(select(visit_id).where(mine))


def _below(region: str) -> ColumnElement[bool]:
    """A division and all below it; what has none below is asked for by name, which an index answers."""
    prefix = region_prefix(region)
    if prefix == region:
        return Visit.region_code == region
    return Visit.region_code.startswith(prefix, autoescape=True)


def find_visit(visit_id: UUID, actor: Actor, *options: ExecutableOption) -> Visit | None:
    """A visit inside the actor's scope, to read."""
    return db.session.scalar(select(Visit).where(Visit.id == visit_id, in_scope(actor)).options(*options))


def find_visit_to_change(visit_id: UUID, actor: Actor, *options: ExecutableOption) -> Visit | None:
    """The same, with its row locked: two changes of one visit come one after the other."""
    return db.session.scalar(
        locked(select(Visit).where(Visit.id == visit_id, in_scope(actor)), of=Visit)
        .options(*options)
        .execution_options(populate_existing=True)
    )
