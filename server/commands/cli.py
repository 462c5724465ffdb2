"""`ruqi …`: the operator's command. What goes wrong is said in one sentence, never in a stack trace."""

import functools
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import click
from flask_migrate import upgrade
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError

import qr
from server import logs, schema
from server.account.models import Account
from server.account.photos import load_photos
from server.account.rules import refuse_weak, welcome
from server.account.sign_in import hash_password
from server.clock import now
from server.config import Config, ConfigError
from server.db import db
from server.demo import fill, sign_ins
from server.importing.files import rejected_csv
from server.importing.load import load_file
from server.importing.models import ImportKind
from server.ledger.rules import SYSTEM
from server.phone.slips import seal_slips
from server.plaque.printing import print_plaques, withdrawn
from server.policy.pack import PackError
from server.refusal import Refusal
from server.worker import run as run_worker

from . import keys as key_commands
from . import lan_address
from . import policy as policy_commands
from .serving import port_trouble, serve_all
from .terminal import (
    address_trouble,
    app_of,
    console,
    disk_trouble,
    pack_trouble,
    progress,
    ready_config,
    schema_trouble,
    stop,
    task,
)

VISITS = 5000
SEED = 20250103


def main() -> None:
    """Run a command; expected troubles become one sentence and exit code 2."""
    try:
        commands(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except (ConfigError, PackError) as error:
        stop(str(error))
    except Refusal as refusal:
        stop(f"{refusal.reason.value} {refusal.extras or ''}".strip())
    except (OperationalError, ProgrammingError) as error:
        stop(f"DATABASE_URL: the database cannot be used: {str(error.orig).splitlines()[0]}")
    except OSError as error:
        stop(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))


@click.group()
@click.version_option(package_name="ruqi")
def commands() -> None:
    """入企码: registered before, proven at the door, recorded once, rated by the business."""


@commands.command()
def migrate() -> None:
    """Bring the database to the schema of this code; safe to repeat."""
    _upgrade(Config.load())


@commands.command()
@click.option(
    "--lan", is_flag=True, help="over HTTPS on this machine's own address, so that phones can use their cameras"
)
def run(lan: bool) -> None:
    """Everything for a first look: schema, demo city, plaques, then serve."""
    # No gateway on a first look: texts land in a file beside the database.
    os.environ.setdefault("SMS_URL", f"file://{(Config.load().data_dir / 'texts.jsonl').absolute()}")
    if lan:
        lan_address.prepare(Config.load())
    config = Config.load()
    trouble = disk_trouble(config) or pack_trouble(config) or address_trouble(config) or _port(config)
    if trouble:
        stop(trouble)
    _upgrade(config)
    _demo(config, visits=VISITS, seed=SEED, if_empty=True)
    if lan:
        lan_address.show(console, config)
    sys.exit(serve_all(config))


@commands.command()
def serve() -> None:
    """Serve the web and run the worker until Ctrl-C."""
    config = ready_config()
    sys.exit(serve_all(config))


@commands.command()
def worker() -> None:
    """Do what time does: expire, close, clean up."""
    config = ready_config()
    logs.prepare()
    stopping = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stopping.set())
    run_worker(app_of(config), stopping)


@commands.command()
@click.option("--visits", default=VISITS, show_default=True, help="how many visits of two years")
@click.option("--seed", default=SEED, show_default=True, help="the same seed gives the same city")
@click.option("--if-empty", is_flag=True, help="do nothing when the database already holds a city")
def demo(visits: int, seed: int, if_empty: bool) -> None:
    """Fill the database with an invented city, and print its demo plaques."""
    _demo(ready_config(), visits=visits, seed=seed, if_empty=if_empty)


@commands.command(name="import")
@click.argument("kind", type=click.Choice([kind.value for kind in ImportKind]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(kind: str, file: Path) -> None:
    """Load inspectors, enterprises or matters from XLSX or CSV; rejected rows go to a file beside it."""
    config = ready_config()
    with app_of(config).app_context(), progress() as bar:
        done = load_file(
            ImportKind(kind),
            file.name,
            file.read_bytes(),
            by=SYSTEM,
            at=now(),
            key_id=config.signing_key_id,
            progress=task(bar)(kind),
        )
        db.session.commit()
        console.print(
            f"{done.rows} rows: {done.created} created, {done.updated} updated, {done.unchanged} unchanged, "
            f"{done.rejected} rejected, {done.doubtful} doubtful codes"
        )
        if done.rejected_rows:
            beside = file.with_name(f"{file.stem}.rejected.csv")
            beside.write_bytes(rejected_csv(done.header, done.rejected_rows))
            console.print(f"rejected rows with reasons: {beside}")


@commands.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def photos(folder: Path) -> None:
    """Give inspectors their portraits: pictures in FOLDER, each named by the number of a certificate."""
    with app_of(ready_config()).app_context(), progress() as bar:
        done = load_photos(folder, at=now(), progress=task(bar)("photos"))
        db.session.commit()
        console.print(f"{done.kept} portraits kept")
        for name, why in done.left:
            console.print(f"{name}: {why}")
    sys.exit(1 if done.left else 0)


@commands.command()
@click.option("--region", help="only this division and what lies below it")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("plaques"), show_default=True)
@click.option(
    "--format", "on", type=click.Choice([each.value for each in qr.RunFormat]), default="a4", show_default=True
)
@click.option("--per-sheet", default=8, show_default=True, help="labels on an A4 sheet: 4, 6, 8 or 10")
@click.option("--volume", default=10_000, show_default=True, help="plaques in a file")
@click.option("--limit", type=int, help="at most so many")
def plaques(region: str | None, out: Path, on: str, per_sheet: int, volume: int, limit: int | None) -> None:
    """Print plaques into a folder; the same command goes on with a run that was ended."""
    config = ready_config()
    with app_of(config).app_context(), progress() as bar:
        try:
            run = print_plaques(
                config,
                out=out,
                region=region,
                limit=limit,
                on=qr.RunFormat(on),
                per_sheet=per_sheet,
                volume_size=volume,
                progress=task(bar)("plaques"),
                seal=functools.partial(seal_slips, at=now()),
            )
        except (qr.ForeignFolder, ValueError) as error:
            raise click.ClickException(str(error)) from None
        console.print(f"{run.printed} plaques in {len(run.volumes)} files: {out}")
        if run.rejected:
            console.print(f"{run.rejected} cannot be printed, with reasons: {out / 'rejected.csv'}")
        if run.job.on is qr.RunFormat.SEALED:
            console.print(f"{out} holds codes that enrol phones: delete it once everything is printed and sealed")
        if gone := withdrawn(run):
            console.print(f"{gone} were revoked since, do not hand them out: {out / 'withdrawn.csv'}")


for group in (policy_commands.policy, policy_commands.calendar, policy_commands.draw, key_commands.keys):
    commands.add_command(group)


@commands.command()
def openapi() -> None:
    """Write the OpenAPI document to standard output."""
    app = app_of()
    with app.app_context():
        click.echo(app.json.dumps(app.spec, indent=1, sort_keys=True))


@commands.command()
def doctor() -> None:
    """Look at what usually goes wrong: configuration, database, schema, disk, client, plaques."""
    config = Config.load()
    troubles = 0
    for name, look in _CHECKS.items():
        trouble = look(config)
        troubles += bool(trouble)
        console.print(f"{'✗' if trouble else '✓'} {name}{': ' + trouble if trouble else ''}")
    note = _plaque_size(config)
    if note:
        console.print(f"! plaque size: {note}")
    sys.exit(1 if troubles else 0)


@commands.command()
@click.argument("username")
def password(username: str) -> None:
    """Set the password of an account, asked for twice."""
    with app_of(ready_config()).app_context():
        account = db.session.scalar(select(Account).where(Account.username == username))
        if account is None:
            raise click.ClickException(f"no account {username}")
        secret = click.prompt("password", hide_input=True, confirmation_prompt=True)
        refuse_weak(secret, username=username)
        account.password_hash = hash_password(secret)
        welcome(account)
        db.session.commit()


# --- helpers -----------------------------------------------------------------------------------


def _upgrade(config: Config) -> None:
    with app_of(config).app_context():
        upgrade()
        policy_commands.adopt(at=now())
        db.session.commit()
        console.print(f"schema {schema.database_revision()}")


def _demo(config: Config, *, visits: int, seed: int, if_empty: bool) -> None:
    with app_of(config).app_context():
        if if_empty and not fill.is_empty():
            console.print("the database already holds a city: kept as it is")
        else:
            with progress() as bar:
                fill.fill(visits=visits, seed=seed, at=now(), progress=task(bar))
        sign_ins.print_plaques(config, at=now())
        db.session.commit()
        sign_ins.show(console, config)


def _port(config: Config) -> str:
    return port_trouble(config)


def _client(config: Config) -> str:
    return "" if (config.client_dir / "index.html").is_file() else "the web client is not built: make client"


def _plaque_size(config: Config) -> str:
    """A long host makes finer modules: it still works, on a larger label."""
    modules = qr.plaque_modules(config.plaque_prefix)
    side = qr.symbol_side_mm(modules, on=qr.PlaqueFormat.LABEL)
    return f"the host is long: labels are {side:.0f} mm instead of 50 mm to be read from 50 cm" if side > 50 else ""


_CHECKS: dict[str, Callable[[Config], str]] = {
    "disk": disk_trouble,
    "policy pack": pack_trouble,
    "plaque address": address_trouble,
    "database and schema": schema_trouble,
    "web client": _client,
}
