"""A real TLS server on loopback, with a certificate of any dates, and a certificate authority that a test trusts."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """Signs certificates. `file`: its own one, which whoever trusts it has."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of a test")])
        now = datetime.now(UTC)
        own = self._made(self._name, self._key, now - timedelta(days=400), now + timedelta(days=400))
        signed = own.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        usage = {name: name in ("key_cert_sign", "crl_sign") for name in _USES}
        signed = signed.add_extension(x509.KeyUsage(**usage), critical=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(signed.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def context(self, name: str, begins: datetime, ends: datetime) -> ssl.SSLContext:
        """A server's TLS with a certificate for `name`, good from `begins` to `ends`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._made(subject, key, begins, ends)
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        file = self._folder / f"{name}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _made(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, begins: datetime, ends: datetime
    ) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        subject_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return made.add_extension(subject_id, critical=False).add_extension(own, critical=False)


_USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@contextmanager
def serving(context: ssl.SSLContext, body: bytes) -> Iterator[int]:
    """A server that answers each GET with `body` (JSON) over TLS. Its port."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    class Quiet(HTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up because of the certificate is what is tried here."""

    with Quiet(("127.0.0.1", 0), Answers) as server:
        port = server.server_port
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield port
        finally:
            server.shutdown()
            thread.join()
