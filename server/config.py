"""Configuration: environment variables only; a wrong value stops the start and names the variable."""

import json
import os
import secrets
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

import qr
from qr import KeyRing, PlaqueKey

HOUSE = Path(__file__).resolve().parent.parent


class ConfigError(Exception):
    """A setting that cannot be used; its text is the one sentence the operator sees."""


# Keys are handed over at once, never for later: whichever signs in the end signs now.
LATEST = 2**40


class Config(BaseSettings):
    """Everything that may differ between two installations. Defaults suit a demo on one machine."""

    model_config = SettingsConfigDict(extra="ignore", frozen=False)

    data_dir: Path = Field(HOUSE / "var", description="where the SQLite file, keys and evidence live")
    database_url: str = Field("", description="postgresql://… in production; empty: SQLite in DATA_DIR")
    public_url: str = Field(
        "", description="the address that plaques carry, https://host; empty: http://localhost:PORT"
    )
    port: int = Field(8000, ge=1, le=65535)
    bind: str = Field("127.0.0.1", description="the address to listen on")
    policy_pack: str = Field(
        "chenzhou", description="the policy pack in force: a name in server/policy/packs or a path"
    )
    secret_key: str = Field("", description="signs access tokens; empty: made once and kept in DATA_DIR")
    plaque_key_id: int = Field(0, ge=0, le=15, description="the key that signs new plaques")
    plaque_keys: str = Field("", description="KEYID:HEX,… private plaque keys; empty: made once and kept in DATA_DIR")
    evidence_url: str = Field("", description="file:///… or s3://bucket/prefix; empty: DATA_DIR/evidence")
    client_dir: Path = Field(HOUSE / "webclient" / "dist", description="the built web client")
    city_name: str = "郴州市"
    city_colour: str = Field("#9e1b22", pattern="^#[0-9a-fA-F]{6}$", description="of printed plaques, #rrggbb")
    call_back: str = Field("12345", description="the number on slips that an enterprise rings to check a visit")
    sms_url: str = Field("", description="gateway for texts: https://… (signed POST) or file:///…; empty: none")
    alert_url: str = Field("", description="where alerts are reported as well: https://… or file:///…; empty: nowhere")
    notice_key: str = Field("", description="signs what goes to these gateways; empty: SECRET_KEY")
    behind_proxy: int = Field(0, ge=0, le=5, description="how many proxies set X-Forwarded-* in front of us")
    web_concurrency: int = Field(2, ge=1, le=64, description="gunicorn worker processes")
    web_threads: int = Field(8, ge=1, le=128)
    max_upload_mb: int = Field(20, ge=1, le=200)
    slow_window_s: float = Field(15, gt=0, le=600, description="how long a sender may fall short of 1 kB/s")
    rate_limits: bool = True
    limits_url: str = Field("", description="counts how often: redis://… for all machines; empty: beside the database")
    metrics_token: str = Field("", description="who sends it as a bearer token may read /metrics; empty: nobody may")
    tls_certificate: str = ""
    tls_key: str = ""

    @field_validator("database_url")
    @classmethod
    def known_engine(cls, url: str) -> str:
        """PostgreSQL or SQLite; the short forms that hosts hand out are accepted."""
        if url.startswith(("postgres://", "postgresql://")):
            return "postgresql+psycopg://" + url.split("://", 1)[1]
        if url and not url.startswith(("postgresql+psycopg://", "sqlite:///")):
            raise ValueError("must start with postgresql:// or sqlite:///")
        return url

    @field_validator("sms_url", "alert_url")
    @classmethod
    def known_gateway(cls, url: str) -> str:
        """Messages carry codes: they leave encrypted, or stay on this machine."""
        if url and not url.startswith(("https://", "file:///", "http://127.0.0.1", "http://localhost")):
            raise ValueError("must start with https:// or file:///")
        return url

    @field_validator("metrics_token")
    @classmethod
    def unguessable(cls, token: str) -> str:
        """A short token would be found by trying."""
        if token and (len(token) < 16 or not token.isascii()):
            raise ValueError("must have at least 16 characters, all of them ASCII")
        return token

    @classmethod
    def load(cls, **overrides: object) -> "Config":
        """Read the environment; raises ConfigError naming the variable that is wrong."""
        try:
            return cls(**overrides)  # type: ignore[arg-type]  # pydantic validates what mypy cannot
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]).upper() if first["loc"] else "?"
            raise ConfigError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'ruqi.db'}"

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def storage(self) -> str:
        """Where photos and files lie."""
        return self.evidence_url or str(self.data_dir / "evidence")

    @property
    def address(self) -> str:
        """scheme://host[:port] under which people reach this installation, without a final slash."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def plaque_prefix(self) -> str:
        """What every plaque's URL begins with; upper case keeps the symbol small (alphanumeric mode)."""
        return qr.plaque_prefix(self.address)

    @property
    def plaque_design(self) -> qr.PlaqueDesign:
        """What all printed plaques share."""
        return qr.PlaqueDesign(city=self.city_name, colour=self.city_colour, call_back=self.call_back)

    @cached_property
    def token_secret(self) -> str:
        """The HS256 secret, at least 32 bytes; made and kept on the first start of a demo."""
        return self.secret_key or self._kept("secret", lambda: secrets.token_hex(32))

    @cached_property
    def plaque_signers(self) -> dict[int, PlaqueKey]:
        """Private plaque keys by key id."""
        if self.plaque_keys:
            pairs = (pair.split(":") for pair in self.plaque_keys.split(","))
            return {int(key_id): PlaqueKey.from_bytes(int(key_id), bytes.fromhex(seed)) for key_id, seed in pairs}
        folder = self.data_dir / "keys"
        ids = [entry["key_id"] for entry in self._ring_on_disk] or [self.plaque_key_id]
        # A retired key may have been taken off this machine: then it only verifies.
        ids = [each for each in ids if each == self.plaque_key_id or (folder / f"plaque-key-{each}").exists()]
        seeds = {each: self._kept(f"plaque-key-{each}", lambda: secrets.token_hex(32)) for each in ids}
        return {each: PlaqueKey.from_bytes(each, bytes.fromhex(seed)) for each, seed in seeds.items()}

    @property
    def signing_key_id(self) -> int:
        """The key that signs new plaques now."""
        if self.plaque_keys or not self._ring_on_disk:
            return self.plaque_key_id
        signing = self.plaque_ring.signing(LATEST)
        return signing.key_id if signing else self.plaque_key_id

    @property
    def plaque_signer(self) -> PlaqueKey:
        return self.plaque_signers[self.signing_key_id]

    @cached_property
    def plaque_ring(self) -> KeyRing:
        """Every public key with its life: what a retired one signed holds, what a revoked one signed does not."""
        if not self.plaque_keys and self._ring_on_disk:
            return KeyRing.from_json(self._ring_on_disk)
        return KeyRing(*(key.public for key in self.plaque_signers.values()))

    @cached_property
    def _ring_on_disk(self) -> list[dict[str, Any]]:
        """The lives of the keys, once one was handed over; empty before."""
        try:
            ring: list[dict[str, Any]] = json.loads((self.data_dir / "keys" / "ring.json").read_text("utf-8"))
        except FileNotFoundError:
            return []
        return ring

    def keep_key(self, key: PlaqueKey) -> None:
        """Keep a new signing key beside the others, for its owner's eyes only."""
        self._kept(f"plaque-key-{key.key_id}", lambda: key.to_bytes().hex())

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        """A secret from a file that only its owner may read; created when it is not there yet."""
        folder = self.data_dir / "keys"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / name
        try:
            with open(path, "x", opener=_private) as file:  # only this open() takes an opener
                file.write(make())
        except FileExistsError:
            pass
        return path.read_text().strip()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
