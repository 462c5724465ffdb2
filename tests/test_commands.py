"""`ruqi …`: what goes wrong is one sentence; what goes right says what it did."""

import os
import signal
import socket
import ssl
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

import pypdfium2
import pytest

import qr
from server.commands.lan_address import make_certificate
from server.config import Config, ConfigError

from .live import copy_of, environment, free_port, running, wait_until_ready, walk_the_loop
from .shell import ruqi

# Commands run as processes of their own.
pytestmark = pytest.mark.outside


@pytest.fixture(scope="module")
def city(demo: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An SQLite installation with a small demo city."""
    return copy_of(demo, tmp_path_factory.mktemp("city"), PORT=str(free_port()))


class TestTroubles:
    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL: must start with postgresql:// or sqlite:///"),
            ({"DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "DATABASE_URL: the database cannot be used"),
            ({}, "schema is empty, this code needs 007: run ruqi migrate"),
            ({"PORT": "http"}, "PORT: "),
            ({"POLICY_PACK": "atlantis"}, "policy pack atlantis: no such file"),
            ({"PUBLIC_URL": "http://example.org"}, "PUBLIC_URL: plain http is for localhost"),
            ({"DATA_DIR": "/proc/nowhere"}, "/proc/nowhere"),
        ],
        ids=["unknown engine", "database away", "stale schema", "no port", "no pack", "plain http", "no folder"],
    )
    def test_are_one_sentence(self, tmp_path: Path, changes: dict[str, str], sentence: str) -> None:
        failed = ruqi(environment(tmp_path, **changes), "serve")

        assert failed.returncode == 2
        assert sentence in failed.stderr
        assert len(failed.stderr.strip().splitlines()) == 1, failed.stderr

    def test_of_a_taken_port_are_one_sentence(self, city: dict[str, str]) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", int(city["PORT"])))
            taken.listen()

            failed = ruqi(city, "serve")

        assert (failed.returncode, "cannot listen on 127.0.0.1" in failed.stderr) == (2, True)

    def test_of_a_full_disk_are_one_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        from server.commands import cli, terminal

        monkeypatch.setattr(terminal.shutil, "disk_usage", lambda path: SimpleNamespace(free=5))
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        monkeypatch.setattr("sys.argv", ["ruqi", "serve"])

        with pytest.raises(SystemExit) as ended:
            cli.main()

        assert ended.value.code == 2
        assert "DATA_DIR: only 0 MB free" in capsys.readouterr().err


class TestConfig:
    def test_names_the_variable_that_is_wrong(self) -> None:
        with pytest.raises(ConfigError, match="WEB_THREADS: "):
            Config.load(web_threads=0)

    def test_keeps_its_secrets_over_starts_and_to_their_owner(self, tmp_path: Path) -> None:
        first, second = Config(data_dir=tmp_path), Config(data_dir=tmp_path)

        assert first.token_secret == second.token_secret
        assert first.plaque_signer.public == second.plaque_signer.public
        assert {path.stat().st_mode & 0o077 for path in (tmp_path / "keys").iterdir()} == {0}

    def test_takes_keys_from_the_environment(self, tmp_path: Path) -> None:
        config = Config(data_dir=tmp_path, plaque_keys=f"3:{'11' * 32},4:{'22' * 32}", plaque_key_id=4)

        assert (config.plaque_signer.key_id, len(config.plaque_ring)) == (4, 2)


class TestDemo:
    def test_prints_plaques_that_lead_to_the_bakery(self, city: dict[str, str], demo: dict[str, str]) -> None:
        folder = Path(city["DATA_DIR"]) / "demo-plaques"

        [text] = qr.read((folder / "郴州市林邑糕点厂有限公司.png").read_bytes())

        assert text.startswith(f"HTTP://LOCALHOST:{demo['PORT']}/E/")
        assert (folder / "plaques.pdf").read_bytes().startswith(b"%PDF-")
        with pypdfium2.PdfDocument((folder / "sealed-sheet.pdf").read_bytes()) as sheet:
            sealed = qr.read(sheet[0].render(scale=2).to_pil())
        assert text in sealed
        assert {qr.kind_of(each, prefix=text.rstrip("0123456789")) for each in sealed} == {
            qr.Kind.PLAQUE, qr.Kind.SLIP,
        }  # fmt: skip

    def test_keeps_a_city_that_is_there(self, city: dict[str, str]) -> None:
        again = ruqi(city, "demo", "--if-empty")
        by_force = ruqi(city, "demo")

        assert "kept as it is" in again.stdout
        assert (by_force.returncode, "already holds a city" in by_force.stderr) == (2, True)

    def test_shows_the_sign_ins_of_each_role(self, city: dict[str, str]) -> None:
        shown = ruqi(city, "demo", "--if-empty").stdout

        assert all(name in shown for name in ("lina", "zhaomin", "bakery", "sunli", "admin", "ruqi-demo-2026"))


class TestImport:
    def test_writes_the_rejected_rows_beside_the_file(self, city: dict[str, str], tmp_path: Path) -> None:
        file = tmp_path / "企业.csv"
        file.write_text(
            "企业名称,统一社会信用代码,所属区县\n好企业,91431081YYYY000550,资兴市\n坏企业,123,资兴市\n", "utf-8"
        )

        done = ruqi(city, "import", "enterprises", str(file))

        assert "2 rows: 1 created, 0 updated, 0 unchanged, 1 rejected" in done.stdout
        assert "坏企业" in (tmp_path / "企业.rejected.csv").read_text("utf-8-sig")

    def test_says_which_columns_are_missing(self, city: dict[str, str], tmp_path: Path) -> None:
        file = tmp_path / "matters.csv"
        file.write_text("事项名称\n条码\n", "utf-8")

        failed = ruqi(city, "import", "matters", str(file))

        assert (failed.returncode, "事项编码" in failed.stderr) == (2, True)


class TestDoctor:
    def test_names_what_is_wrong(self, city: dict[str, str], tmp_path: Path) -> None:
        well = ruqi({**city, "CLIENT_DIR": str(_client(tmp_path))}, "doctor")
        ill = ruqi({**city, "CLIENT_DIR": str(tmp_path / "none")}, "doctor")

        assert (well.returncode, ill.returncode) == (0, 1)
        assert "✗ web client" in ill.stdout


def _client(folder: Path) -> Path:
    (folder / "index.html").write_text("<title>入企码</title>", "utf-8")
    return folder


class TestServe:
    def test_serves_on_sqlite_and_ends_cleanly(self, city: dict[str, str], tmp_path: Path) -> None:
        url = f"http://localhost:{city['PORT']}"
        log = tmp_path / "serve.log"

        with running(["ruqi", "serve"], city, log=log) as served:
            wait_until_ready(url, log=log)
            walk_the_loop(url)
            served.send_signal(signal.SIGINT)
            assert served.wait(30) == 0

        assert "Traceback" not in log.read_text("utf-8")

    def test_ends_when_one_of_its_two_ends(self, city: dict[str, str], tmp_path: Path) -> None:
        log = tmp_path / "serve.log"

        with running(["ruqi", "serve"], city, log=log) as served:
            wait_until_ready(f"http://localhost:{city['PORT']}", log=log)
            children = Path(f"/proc/{served.pid}/task/{served.pid}/children").read_text().split()
            os.kill(int(children[1]), signal.SIGKILL)

            assert served.wait(30) != 0


class TestLan:
    def test_serves_over_https_on_the_own_address(self, city: dict[str, str], tmp_path: Path) -> None:
        log = tmp_path / "run.log"
        port = free_port()

        with running(["ruqi", "run", "--lan"], {**city, "PORT": str(port)}, log=log):
            address = _address_in(log)
            trusted = ssl.create_default_context(cafile=next((Path(city["DATA_DIR"]) / "tls").glob("*.crt")))
            with urlopen(f"{address}/healthz", context=trusted, timeout=10) as answer:
                assert answer.status == 200
            bakery = Path(city["DATA_DIR"]) / "demo-plaques" / "郴州市林邑糕点厂有限公司.png"
            assert qr.read(bakery.read_bytes())[0].startswith(f"{address.upper()}/E/")

    def test_makes_a_certificate_for_the_address(self, tmp_path: Path) -> None:
        certificate, key = tmp_path / "a.crt", tmp_path / "a.key"

        make_certificate("127.0.0.1", certificate=certificate, key=key)

        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
        assert key.stat().st_mode & 0o077 == 0


def _address_in(log: Path) -> str:
    """The address that the running command printed, once it answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for line in log.read_text("utf-8").splitlines():
            address = line.split()[1] if line.startswith("入企码 https://") else ""
            host, _, port = address.removeprefix("https://").partition(":")
            if address:
                with socket.socket() as probe:
                    if probe.connect_ex((host, int(port))) == 0:
                        return address
        time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8")[-2000:])
