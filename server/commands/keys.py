"""`ruqi keys …`: the city's plaque keys, and what happens when one is handed over or has leaked."""

import json
import secrets

import click

from qr import KeyRing, PlaqueKey
from server.clock import now
from server.config import Config

from .terminal import console, stop


@click.group()
def keys() -> None:
    """The keys that sign plaques: which there are, handing over, taking back."""


@keys.command(name="list")
def list_keys() -> None:
    """Print every key and what it is good for."""
    at = int(now().timestamp())
    for entry in Config.load().plaque_ring.to_json():
        key = KeyRing.from_json([entry]).find(entry["key_id"])
        assert key is not None  # it was just made of this entry
        console.print(f"{key.key_id}  {key.state(at).value:9} {key.raw.hex()}", highlight=False)


@keys.command()
@click.option("--yes", is_flag=True, help="do it; without, only the plan is printed")
def rotate(yes: bool) -> None:
    """Let a new key sign from now on; plaques of the old one go on verifying until they are revoked."""
    config = _on_files()
    at = int(now().timestamp())
    ring = config.plaque_ring
    try:
        key_id = ring.free_key_id()
    except ValueError as error:
        stop(str(error))
    signing = ring.signing(at)
    console.print(f"plan: key {signing.key_id if signing else '–'} retires, key {key_id} signs new plaques from now on")
    console.print("      old plaques go on verifying; phones learn the new key at their next contact")
    if not yes:
        console.print("nothing was changed: repeat with --yes")
        return
    fresh = PlaqueKey.from_bytes(key_id, secrets.token_bytes(32))
    config.keep_key(fresh)
    _write(config, ring.rotated(fresh.public, at=at))
    console.print(f"key {key_id} signs. Back the folder {config.data_dir / 'keys'} up, and restart web and worker.")


@keys.command()
@click.argument("key_id", type=click.IntRange(0, 15))
@click.option("--yes", is_flag=True, help="do it; without, only the plan is printed")
def revoke(key_id: int, yes: bool) -> None:
    """Take back everything a key has signed, because it leaked: its plaques must all be printed anew."""
    config = _on_files()
    at = int(now().timestamp())
    ring = config.plaque_ring
    if ring.find(key_id) is None:
        stop(f"there is no key {key_id}")
    signing = ring.signing(at)
    if signing is not None and signing.key_id == key_id:
        stop(f"key {key_id} is the one that signs: hand over first, with ruqi keys rotate")
    console.print(f"plan: every plaque that key {key_id} signed is refused from now on, on line and on phones")
    if not yes:
        console.print("nothing was changed: repeat with --yes")
        return
    _write(config, ring.revoked(key_id, at=at))
    console.print(f"key {key_id} is revoked. Reissue its plaques, and restart web and worker.")


def _on_files() -> Config:
    config = Config.load()
    if config.plaque_keys:
        stop("PLAQUE_KEYS holds the keys: add a key there and set PLAQUE_KEY_ID, this command changes files only")
    return config


def _write(config: Config, ring: KeyRing) -> None:
    """Replace the ring at once: nobody reads half of it."""
    path = config.data_dir / "keys" / "ring.json"
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(ring.to_json(), indent=1), "utf-8")
    draft.replace(path)
