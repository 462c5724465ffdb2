"""Everybody who can take part in a visit, and what has happened to each enterprise so far."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from server.account.models import Account, Agency, Inspector
from server.account.rules import Actor
from server.catalogue.models import Matter
from server.clock import day_of
from server.enterprise.models import Enterprise
from server.evaluation.models import Evaluation
from server.judging.plan import Facts
from server.plaque.models import Plaque
from server.policy.case import Past
from server.record.models import Record
from server.scan.models import Scan
from server.visit.conditions import DONE, GONE
from server.visit.models import Visit

Rows = list[Visit | Scan | Record | Evaluation]


@dataclass(frozen=True)
class City:
    """Everybody who can take part in a visit."""

    bodies: list[Agency]
    staff: dict[object, list[Inspector]]
    firms: list[Enterprise]
    plaques: dict[object, Plaque]
    matters: dict[str, list[Matter]]
    accounts: dict[object, Account]
    past: dict[object, list[Past]] = field(default_factory=lambda: defaultdict(list))
    tiers: dict[object, str] = field(default_factory=dict)
    quiet: dict[object, set[date]] = field(default_factory=dict)

    def facts(self, firm: Enterprise, body: Agency, day: date) -> Facts:
        """What the database would have known of this firm on the day of registration."""
        since = date(day.year - 1, 1, 1)
        return Facts(
            past=[past for past in self.past[firm.id] if past.day >= since],
            tier=self.tiers.get(firm.id, ""),
            quiet_days=frozenset(self.quiet.get(firm.id, ())),
            plan_published_on=date(day.year, 3, 15),
            planned=True,
        )

    def remember(self, rows: Rows) -> None:
        """Keep a visit for those that come after it."""
        visit = next(row for row in rows if isinstance(row, Visit))
        record = next((row for row in rows if isinstance(row, Record)), None)
        if GONE.holds(visit):
            return
        self.past[visit.enterprise_id].append(
            Past(
                id=str(visit.id),
                day=day_of(visit.on_site_at or visit.window_from_at),
                agency=str(visit.agency_id),
                basis=visit.basis.value,
                purpose=visit.purpose.value,
                matters=frozenset(matter.code for matter in visit.matters),
                inspectors=frozenset(str(part.inspector_id) for part in visit.inspectors),
                agencies=frozenset(str(part.agency_id) for part in visit.agencies),
                entered=DONE.holds(visit),
                off_site=visit.is_off_site,
                clean=None if record is None else not record.findings,
                heads=record.heads if record else 0,
                minutes=record.minutes if record else 0,
            )
        )

    def actor(self, key: object) -> Actor:
        """The actor behind an inspector's, body's or enterprise's id."""
        account = self.accounts[key]
        return Actor(
            account_id=account.id,
            role=account.role,
            agency_id=account.agency_id,
            inspector_id=account.inspector_id,
            enterprise_id=account.enterprise_id,
        )
