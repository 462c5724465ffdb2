"""What every command of the operator shares: the console, the application once all is well, progress, one sentence."""

import shutil
import sys
from collections.abc import Callable
from typing import Any

import click
from apiflask import APIFlask
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import OperationalError, ProgrammingError

import qr
from server import create_app, schema
from server.config import Config
from server.policy.pack import PackError, load

console = Console()
ENOUGH_BYTES = 100_000_000


def app_of(config: Config | None = None) -> APIFlask:
    """The application, on the configuration of the environment unless one is given."""
    return create_app(config)


def ready_config() -> Config:
    """The configuration, once everything a start needs has been looked at."""
    config = Config.load()
    for look in (disk_trouble, pack_trouble, address_trouble, schema_trouble):
        trouble = look(config)
        if trouble:
            stop(trouble)
    return config


def disk_trouble(config: Config) -> str:
    """What is wrong with the data folder, or nothing."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(config.data_dir).free
    return f"DATA_DIR: only {free // 1_000_000} MB free in {config.data_dir}" if free < ENOUGH_BYTES else ""


def pack_trouble(config: Config) -> str:
    """What is wrong with the configured policy pack, or nothing."""
    try:
        load(config.policy_pack)
    except PackError as error:
        return str(error)
    return ""


def address_trouble(config: Config) -> str:
    """What is wrong with the address that plaques would carry, or nothing."""
    try:
        qr.plaque_prefix(config.address)
    except ValueError as error:
        return f"PUBLIC_URL: {error}"
    return ""


def schema_trouble(config: Config) -> str:
    """What is wrong with the database or its schema, or nothing."""
    try:
        with app_of(config).app_context():
            stands = schema.database_revision()
    except (OperationalError, ProgrammingError) as error:
        return f"DATABASE_URL: the database cannot be used: {str(error.orig).splitlines()[0]}"
    if stands == schema.head():
        return ""
    return f"the database's schema is {stands or 'empty'}, this code needs {schema.head()}: run ruqi migrate"


def progress() -> Progress:
    """A progress bar for anything that takes longer than two seconds."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )


def task(bar: Progress) -> Callable[[str], Callable[[int, int], None]]:
    """A progress function for each named part of a job."""

    def named(name: str) -> Callable[[int, int], None]:
        task = bar.add_task(name, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return advance

    return named


def stop(sentence: str) -> Any:
    """Say one sentence and end with exit code 2."""
    click.echo(f"ruqi: {sentence}", err=True)
    sys.exit(2)
