"""Certificates made for a test: a self-signed one, and one of an authority of the test's own."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path


def self_signed(folder: Path, name: str = "localhost", *, extra: str = "DNS:localhost") -> Path:
    """Return a PEM file with a key and its self-signed certificate for a name."""
    made = folder / f"{name}.pem"
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName={extra}"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(made), "-out", str(folder / f"{name}.crt")]
    subprocess.run(["openssl", "req", "-x509", *key, *subject, *files], check=True, capture_output=True)
    made.write_text(made.read_text() + (folder / f"{name}.crt").read_text())
    return made


def of_server(pem: Path) -> ssl.SSLContext:
    """Return what a server shows this certificate with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
