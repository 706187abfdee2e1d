"""An own certificate authority: a root, an intermediate and leaves, and requests signed by them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

URL = "https://s3.amazonaws.com/echo.api/echo-api-cert-7.pem"
NAME = "echo-api.amazon.com"
START = datetime(2027, 1, 1, tzinfo=UTC)
YEARS = timedelta(days=3650)
SERVER = ExtendedKeyUsageOID.SERVER_AUTH
Key = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey


@dataclass(frozen=True)
class Signer:
    """A certificate with its key; with an RSA key, unless a test says otherwise."""

    certificate: x509.Certificate
    key: RSAPrivateKey

    def signature(self, body: bytes) -> str:
        """What Alexa puts into the header Signature-256."""
        return base64.b64encode(self.key.sign(body, PKCS1v15(), SHA256())).decode()


@cache
def new_key(_: str, bits: int = 2048) -> RSAPrivateKey:
    """A key of its own for each name, made once."""
    return generate_private_key(65537, bits)


def issue(
    name: str,
    issuer: Signer | None,
    *,
    authority: bool,
    start: datetime = START,
    lasts: timedelta = YEARS,
    names: Sequence[str | x509.GeneralName] = (),
    key: Key | None = None,
    length: int | None = None,
    usage: x509.KeyUsage | None = None,
    purposes: Sequence[x509.ObjectIdentifier] = (SERVER,),
    more: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> Signer:
    """A certificate for `name` by `issuer`, or by itself.

    names: those of a leaf; none: it has no such extension. length: how many authorities may follow.
    more: further extensions, and whether each is critical.
    """
    key = key or new_key(name)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name = issuer.certificate.subject if issuer else subject
    issuer_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder(issuer_name, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lasts)
        .add_extension(x509.BasicConstraints(authority, length), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .add_extension(usage or key_usage(issues=authority, signs=not authority), critical=True)
    )
    if names:
        wanted = [each if isinstance(each, x509.GeneralName) else x509.DNSName(each) for each in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(wanted), critical=False)
    if not authority and purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    for extension, critical in more:
        builder = builder.add_extension(extension, critical)
    digest = None if isinstance(issuer_key, Ed25519PrivateKey) else SHA256()
    return Signer(builder.sign(issuer_key, digest), key)  # type: ignore[arg-type]


def key_usage(*, issues: bool = False, signs: bool = False, enciphers: bool = False) -> x509.KeyUsage:
    """What a key is for."""
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=enciphers,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issues,
        crl_sign=issues,
        encipher_only=False,
        decipher_only=False,
    )


def in_sha1(signer: Signer, issuer: Signer) -> Signer:
    """The same certificate as `issuer` would have signed it years ago."""
    rsa_with = bytes.fromhex("06092a864886f70d0101")
    der = signer.certificate.public_bytes(Encoding.DER).replace(rsa_with + b"\x0b", rsa_with + b"\x05")
    signature = issuer.key.sign(x509.load_der_x509_certificate(der).tbs_certificate_bytes, PKCS1v15(), SHA1())
    return Signer(x509.load_der_x509_certificate(der[: -len(signature)] + signature), signer.key)


def pem_of(*signers: Signer) -> bytes:
    """A file of their certificates."""
    return b"".join(signer.certificate.public_bytes(Encoding.PEM) for signer in signers)


@dataclass(frozen=True)
class Authority:
    """A root and an intermediate."""

    root: Signer
    intermediate: Signer

    def leaf(
        self, names: Sequence[str | x509.GeneralName] = (NAME,), start: datetime = START, **more: object
    ) -> Signer:
        """A signing certificate for `names`; `more` as for issue()."""
        name = str(more.pop("name", "leaf"))
        return issue(name, self.intermediate, authority=False, names=names, start=start, **more)  # type: ignore[arg-type]

    def pem(self, leaf: Signer) -> bytes:
        """The file that Amazon publishes: the leaf first."""
        return pem_of(leaf, self.intermediate)


@cache
def authority(name: str = "test") -> Authority:
    """An authority, made once."""
    root = issue(f"{name} root", None, authority=True)
    return Authority(root, issue(f"{name} intermediate", root, authority=True))
