"""`--lan`: this machine's own address over HTTPS, so that a phone in the same network may use its camera."""

import ipaddress
import os
import socket
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from rich.console import Console

import qr
from server.clock import now
from server.config import Config

LIFE = timedelta(days=90)
# Documentation address (RFC 5737): asking the route to it sends nothing and tells our own address.
SOMEWHERE = ("192.0.2.1", 9)


def prepare(config: Config) -> None:
    """Set the environment for HTTPS on the own address; the certificate is made once an address and kept."""
    address = own_address()
    folder = config.data_dir / "tls"
    certificate, key = folder / f"{address}.crt", folder / f"{address}.key"
    if not certificate.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_certificate(address, certificate=certificate, key=key)
    os.environ.update(
        BIND="0.0.0.0",  # the point of --lan
        PUBLIC_URL=f"https://{address}:{config.port}",
        TLS_CERTIFICATE=str(certificate),
        TLS_KEY=str(key),
    )


def own_address() -> str:
    """The IPv4 address by which this machine reaches its network; the loopback address without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(SOMEWHERE)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def make_certificate(address: str, *, certificate: Path, key: Path) -> None:
    """A self-signed certificate for one IP address; the phone will ask once whether to trust it."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ruqi on this network")])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(hours=1))
        .not_valid_after(now() + LIFE)
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    key.chmod(0o600)
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def show(console: Console, config: Config) -> None:
    """The address as a QR code, for the phone to open."""
    console.print(qr.terminal(config.address), highlight=False, soft_wrap=True)
    console.print(f"手机扫码打开 scan to open on a phone: {config.address}")
    console.print(
        "证书由本机生成,浏览器会提示一次;选择继续访问。 The certificate is this machine's own: accept it once."
    )
