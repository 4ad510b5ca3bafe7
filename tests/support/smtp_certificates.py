"""A certificate authority made for one test run, and server certificates of it."""

from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from shutil import rmtree
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from tempfile import mkdtemp
from weakref import finalize

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """One throwaway certificate authority. `file` holds its certificate in PEM."""

    def __init__(self) -> None:
        self._folder = Path(mkdtemp(prefix="leadterra-ca-"))
        finalize(self, rmtree, self._folder)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Throwaway CA")])
        certificate = self._sign(self._name, self._key, None)
        self.file = self._folder / "ca.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server_context(self, host: str = "127.0.0.1", *, expired: bool = False) -> SSLContext:
        """What a server of this name shows to its clients."""
        context = SSLContext(PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server_file(host, expired=expired))
        return context

    def server_file(self, host: str = "127.0.0.1", *, expired: bool = False) -> Path:
        """A new key and certificate for a server of this name, in PEM, for programs that read files."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        certificate = self._sign(name, key, host, expired=expired)
        path = self._folder / f"{host}-{expired}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return path

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, host: str | None, *, expired: bool = False
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now + timedelta(days=-1 if expired else 30))
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )
        if host is None:
            builder = builder.add_extension(_ca_usage(), critical=True)
        else:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_general_name(host)]), critical=False
            )
        return builder.sign(self._key, hashes.SHA256())


@cache
def authority() -> Authority:
    """The authority of this test run."""
    return Authority()


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _ca_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
