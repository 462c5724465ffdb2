"""What a newcomer needs to begin: who can sign in, and where the demo plaques lie."""

from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import select

import qr
from server.account.models import Account
from server.config import Config
from server.db import db
from server.enterprise.models import Enterprise
from server.phone.models import Slip, SlipPurpose
from server.plaque.models import Plaque
from server.plaque.sheets import plaque_pages, plaque_url, sheet_of, valid_plaques

from .fill import PASSWORD

SHOWN = [
    ("lina", "执法人员 inspector"),
    ("wangjun", "执法人员 inspector"),
    ("zhaomin", "执法单位负责人 agency head"),
    ("bakery", "企业 enterprise"),
    ("sunli", "执法监督人员 supervisor"),
    ("admin", "平台管理员 administrator"),
]
PRINTED = 8


def print_plaques(config: Config, *, at: datetime) -> None:
    """The first plaques as one PDF and as pictures, with the address that is in force now; the caller commits."""
    folder = config.data_dir / "demo-plaques"
    folder.mkdir(parents=True, exist_ok=True)
    # The bakery of the cast first, then its neighbours by name.
    cast = select(Account.enterprise_id).where(Account.username == "bakery")
    order = (Enterprise.id.in_(cast).desc(), Enterprise.name)
    firms = list(db.session.scalars(select(Enterprise).order_by(*order).limit(PRINTED)))
    plaques = valid_plaques(firms)
    (folder / "plaques.pdf").write_bytes(plaque_pages(plaques))
    for plaque in plaques:
        (folder / f"{plaque.enterprise.name}.png").write_bytes(qr.png(plaque_url(plaque)))
    if plaques:
        (folder / "sealed-sheet.pdf").write_bytes(_sealed(config, plaques[0], at=at))


def _sealed(config: Config, plaque: Plaque, *, at: datetime) -> bytes:
    """The sheet that enrols the bakery's first phone: a fresh code each time, since the address may be another."""
    code = qr.make_slip()
    kept = qr.slip_hash(code, secret=config.token_secret.encode())
    db.session.add(
        Slip(code_hash=kept, enterprise_id=plaque.enterprise_id, purpose=SlipPurpose.ACTIVATION, issued_at=at)
    )
    sheet = sheet_of(plaque, activation=code)
    return qr.plaque_pdf([sheet], design=config.plaque_design, on=qr.PlaqueFormat.SEALED)


def show(console: Console, config: Config) -> None:
    """The sign-ins of each role, as a table."""
    there = set(db.session.scalars(select(Account.username).where(Account.username.in_([name for name, _ in SHOWN]))))
    if not there:
        return
    table = Table(title=f"演示账号 demo sign-ins, password {PASSWORD}")
    table.add_column("user name")
    table.add_column("role")
    for name, role in SHOWN:
        if name in there:
            table.add_row(name, role)
    console.print(table)
    console.print(f"演示企业码 demo plaques: {_short(config.data_dir / 'demo-plaques')}")


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
