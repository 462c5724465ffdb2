"""The parts of the server put together; nothing is decided here."""

from typing import Any

from apiflask import APIFlask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from . import edge, openapi, rate_limits
from .account.routes import bp as account_bp
from .catalogue.routes import bp as catalogue_bp
from .code.routes import bp as code_bp
from .config import HOUSE, Config
from .db import BESIDE, prepare_beside, prepare_engine
from .db import db as database
from .dossier.routes import bp as dossier_bp
from .enterprise.routes import bp as enterprise_bp
from .evaluation.routes import bp as evaluation_bp
from .frequency.routes import bp as frequency_bp
from .frequency.share_routes import bp as share_bp
from .importing.routes import bp as importing_bp
from .incoming import Json
from .joining.routes import bp as joining_bp
from .judging.routes import bp as judging_bp
from .judging.tier_routes import bp as tier_bp
from .meeting.routes import bp as meeting_bp
from .phone.activation_routes import bp as activation_bp
from .phone.routes import bp as phone_bp
from .phone.slip_routes import bp as slip_bp
from .planning.draw_routes import bp as draw_bp
from .planning.routes import bp as planning_bp
from .plaque.adding_routes import bp as adding_bp
from .plaque.routes import bp as plaque_bp
from .record.routes import bp as record_bp
from .registration.routes import bp as registration_bp
from .replay.routes import bp as replay_bp
from .scan.meeting_routes import bp as handshake_bp
from .scan.routes import bp as scan_bp
from .standing.routes import bp as standing_bp
from .visit.photo_routes import bp as photo_bp

BLUEPRINTS = (
    account_bp,
    catalogue_bp,
    code_bp,
    dossier_bp,
    evaluation_bp,
    frequency_bp,
    importing_bp,
    joining_bp,
    meeting_bp,
    activation_bp,
    phone_bp,
    slip_bp,
    draw_bp,
    planning_bp,
    adding_bp,
    plaque_bp,
    record_bp,
    registration_bp,
    replay_bp,
    scan_bp,
    standing_bp,
    photo_bp,
    enterprise_bp,
    share_bp,
    judging_bp,
    tier_bp,
    handshake_bp,
)
# No statement, no lock and no forgotten transaction holds others for long, and one person's page takes one processor:
# starting helpers for twenty rows costs more than finding them.
OPTIONS = (
    "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000 "
    "-c max_parallel_workers_per_gather=0"
)
migrate = Migrate(directory=str(HOUSE / "server" / "migrations"), render_as_batch=True, compare_type=True)


def build(config: Config | None = None, **overrides: Any) -> APIFlask:
    """The WSGI application; `overrides` go into Flask's own configuration."""
    config = config or Config.load()
    app = APIFlask(
        __package__,
        title="入企码 API",
        version="1",
        spec_path="/api/openapi.json",
        docs_path=None,
        static_folder=None,  # type: ignore[arg-type]  # no files of Flask's own; None is what switches them off
    )
    app.config.update(
        RUQI=config,
        TOKEN_SECRET=config.token_secret,
        SQLALCHEMY_DATABASE_URI=config.database,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(config),
        SQLALCHEMY_BINDS={BESIDE: _beside_options(config)},
        MAX_CONTENT_LENGTH=config.max_upload_mb * 1_000_000,
        **overrides,
    )
    app.json = Json(app)
    app.url_map.converters["int"] = RowNumber
    database.init_app(app)
    migrate.init_app(app, database)
    with app.app_context():
        prepare_engine(database.engine)
        prepare_beside(database.engines[BESIDE])
    if config.behind_proxy:
        trusted = ProxyFix(app.wsgi_app, x_for=config.behind_proxy, x_proto=config.behind_proxy)
        app.wsgi_app = trusted  # type: ignore[method-assign]  # how Flask wants its callable wrapped
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix="/api/v1")
    rate_limits.prepare(app, config)
    openapi.prepare(app)
    edge.prepare(app)
    return app


class RowNumber(IntegerConverter):
    """A number in a path that a database can hold; a longer one is no address of anything."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": 2**63 - 1, **kwargs})


def _engine_options(config: Config) -> dict[str, Any]:
    if config.is_sqlite:
        return {"connect_args": {"timeout": 10}, "hide_parameters": True}
    # A pool for each worker process, as large as its threads; one that broke at rest is noticed (`prepare_engine`).
    return {
        "pool_size": config.web_threads,
        "max_overflow": 2,
        "hide_parameters": True,  # what a person typed stays out of error messages, and so out of logs
        "connect_args": {"options": OPTIONS},
    }


def _beside_options(config: Config) -> dict[str, Any]:
    """Connections on which each statement is its own transaction, and planned once for all its values."""
    if config.is_sqlite:
        return {"url": f"sqlite:///{config.data_dir / 'limits.db'}", "connect_args": {"timeout": 2}}
    return {
        "url": config.database,
        "isolation_level": "AUTOCOMMIT",
        "pool_size": config.web_threads,
        "max_overflow": 0,
        "pool_reset_on_return": None,  # nothing is ever left open
        "hide_parameters": True,
        "connect_args": {"options": f"{OPTIONS} -c plan_cache_mode=force_generic_plan -c datestyle=ISO"},
    }
