"""规则的监督: the pack in force, drafts replayed over the past, what was lifted, and the 70/20/10 shares."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response, current_app, g, stream_with_context
from pydantic import Field
from sqlalchemy import func, select

from server.account.models import Agency, Role
from server.account.rules import region_prefix
from server.account.sign_in import allow
from server.clock import as_moment, now, start_of
from server.db import db
from server.files import LINES, file_of
from server.incoming import Day, Prose
from server.paging import In
from server.policy.clause import Outcome
from server.policy.current import policy
from server.policy.pack import Pack
from server.visit.models import Visit
from server.visit.verdicts import VisitVerdict

from .rules import draft_of
from .running import Replay, count, replay

bp = APIBlueprint("policy", __name__, tag="supervision")
LONGEST_TEXT = 200_000


class ReplayIn(In):
    """A shipped pack by name, or the text of a draft, which may extend a shipped one."""

    pack: Annotated[str, Field(max_length=64, pattern=r"^[a-z][a-z0-9_-]*$")] | None = None
    text: Prose | None = Field(None, max_length=LONGEST_TEXT)
    from_on: Day
    to_on: Day


@bp.post("/policy/replays")
@allow(Role.SUPERVISOR, Role.ADMINISTRATOR)
@bp.input(ReplayIn)
@bp.doc(responses=file_of("{done, total} while it runs, {result} at the end, {error} when it breaks", LINES))
def replays(json_data: ReplayIn) -> Response:
    """Judge past visits by a pack, telling how far it is; changes nothing."""
    pack = draft_of(text=json_data.text, name=json_data.pack, in_force=policy())
    lines = _told(pack, json_data, prefix=region_prefix(g.actor.region_code or ""))
    response = Response(stream_with_context(lines), content_type="application/x-ndjson")
    response.headers["X-Accel-Buffering"] = "no"  # a proxy that gathers lines would hide the progress
    return response


# --- helpers, in calling order -----------------------------------------------------------------


def _told(pack: Pack, asked: ReplayIn, *, prefix: str) -> Iterator[str]:
    """The lines of a replay; the request's context, and with it the session, lives as long as they flow."""
    connection = db.session.connection()
    first, last = asked.from_on, asked.to_on
    total = count(connection, first=first, last=last, region=prefix)
    yield json.dumps({"done": 0, "total": total}) + "\n"
    result = Replay()
    try:
        for result in replay(pack, connection, first=first, last=last, region=prefix):
            yield json.dumps({"done": min(result.judged, total), "total": total}) + "\n"
    except Exception:
        current_app.logger.exception("replay_broke")
        yield json.dumps({"error": "internal_error"}) + "\n"
        return
    yield json.dumps({"result": _result(pack, result, asked, prefix=prefix)}, ensure_ascii=False) + "\n"


def _result(pack: Pack, result: Replay, asked: ReplayIn, *, prefix: str) -> dict[str, Any]:
    """Counts by clause and agency, beside what was said at the time."""
    names = {agency.id.hex: agency.name for agency in db.session.scalars(select(Agency))}
    then = _said_then(asked, prefix=prefix)
    rows = [
        {
            "clause": clause,
            "title": found.title if (found := pack.find(clause)) else clause,
            "title_en": (found.title_en or found.title) if found else clause,
            "agency": names.get(agency.replace("-", ""), ""),
            "blocked": blocked,
            "warned": warned,
        }
        for clause, agency, blocked, warned in result.rows()
    ]
    return {
        "pack": pack.name,
        "from_on": asked.from_on.isoformat(),
        "to_on": asked.to_on.isoformat(),
        "judged": result.judged,
        "blocked": result.blocked,
        "warned": result.warned,
        "rows": rows,
        "then": then,
        "samples": result.samples,
        "replayed_at": as_moment(now()),
    }


def _said_then(asked: ReplayIn, *, prefix: str) -> dict[str, dict[str, int]]:
    """What clauses said of the same visits when they were registered: clause → outcome → count."""
    statement = (
        select(VisitVerdict.clause_id, VisitVerdict.outcome, func.count())
        .join(Visit, Visit.id == VisitVerdict.visit_id)
        .where(
            Visit.registered_at >= start_of(asked.from_on),
            Visit.registered_at < start_of(date.fromordinal(asked.to_on.toordinal() + 1)),
            Visit.region_code.startswith(prefix, autoescape=True),
            VisitVerdict.outcome.in_((Outcome.WARN, Outcome.BLOCK)),
        )
        .group_by(VisitVerdict.clause_id, VisitVerdict.outcome)
    )
    said: dict[str, dict[str, int]] = {}
    for clause, outcome, number in db.session.execute(statement):
        said.setdefault(clause, {})[outcome.value] = number
    return said
