"""An own certificate authority: a root, an intermediate and leaves, and requests signed by them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

URL = "https://s3.amazonaws.com/echo.api/echo-api-cert-7.pem"
NAME = "echo-api.amazon.com"
START = datetime(2027, 1, 1, tzinfo=UTC)
YEARS = timedelta(days=3650)


@dataclass(frozen=True)
class Signer:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: RSAPrivateKey

    def signature(self, body: bytes) -> str:
        """What Alexa puts into the header Signature-256."""
        return base64.b64encode(self.key.sign(body, PKCS1v15(), SHA256())).decode()


@cache
def new_key(_: str) -> RSAPrivateKey:
    """A key of its own for each name, made once."""
    return generate_private_key(65537, 2048)


def issue(
    name: str,
    issuer: Signer | None,
    *,
    authority: bool,
    start: datetime = START,
    lasts: timedelta = YEARS,
    names: Sequence[str] = (),
) -> Signer:
    """A certificate for `name` by `issuer`, or by itself."""
    key = new_key(name)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name = issuer.certificate.subject if issuer else subject
    issuer_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder(issuer_name, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lasts)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .add_extension(_usage(authority), critical=True)
    )
    if not authority:
        alternative = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
        server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(alternative, critical=False).add_extension(server, critical=False)
    return Signer(builder.sign(issuer_key, SHA256()), key)


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


@dataclass(frozen=True)
class Authority:
    """A root and an intermediate."""

    root: Signer
    intermediate: Signer

    def leaf(
        self, names: Sequence[str] = (NAME,), start: datetime = START, lasts: timedelta = YEARS
    ) -> Signer:
        """A signing certificate for `names`."""
        return issue("leaf", self.intermediate, authority=False, names=names, start=start, lasts=lasts)

    def pem(self, leaf: Signer) -> bytes:
        """The file that Amazon publishes: the leaf first."""
        chain = (leaf.certificate, self.intermediate.certificate)
        return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)


@cache
def authority(name: str = "test") -> Authority:
    """An authority, made once."""
    root = issue(f"{name} root", None, authority=True)
    return Authority(root, issue(f"{name} intermediate", root, authority=True))
