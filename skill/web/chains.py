"""A file of certificates: the keys in it that Alexa signs with, if somebody trusted vouches for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from ask_sdk_webservice_support import verifier_constants as amazon
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    DNSName,
    DuplicateExtension,
    Extensions,
    ExtensionType,
    KeyUsage,
    SubjectAlternativeName,
    UnsupportedGeneralNameType,
)
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from skill.web.certificates import LARGEST, blocks, readable
from skill.web.refusal import Refusal, RefusedError

_MOST_CERTIFICATES = 10
_NAME = amazon.CERT_CHAIN_DOMAIN
_E = TypeVar("_E", bound=ExtensionType)


@dataclass(frozen=True)
class SigningKey:
    """An RSA key of at least 2,048 bits, trusted from `start` to `end`, both included."""

    key: RSAPublicKey
    start: datetime
    end: datetime

    def holds(self, now: datetime) -> bool:
        """Whether every certificate on the way to the root is valid."""
        return self.start <= now <= self.end


def signing_keys(pem: bytes, roots: Store, now: datetime) -> tuple[SigningKey, ...]:
    """The key of each certificate in `pem` that is Alexa's and trusted at `now`: one or more.

    A leaf is known by what it is, not by its place in the file. More than one, as when an old one
    is being replaced, are trusted or not each by itself. All others are at most steps on the way to
    a root: those that lead nowhere, have expired or cannot be read do no harm. Raises RefusedError.
    """
    found = blocks(pem) if len(pem) <= LARGEST else []
    if not 0 < len(found) <= _MOST_CERTIFICATES:
        raise RefusedError(Refusal.CHAIN, "the file is no chain of certificates, or an absurd one")
    leaves: list[Certificate] = []
    others: list[Certificate] = []
    for certificate in dict.fromkeys(readable(found)):
        if (extensions := _extensions(certificate)) is not None:
            (leaves if _is_alexas(extensions) else others).append(certificate)
    why = f"none of its certificates is one that signs for {_NAME}"
    keys = []
    for leaf in leaves:
        try:
            keys.append(_trusted(leaf, others, roots, now))
        except (VerificationError, ValueError) as error:
            why = ascii(str(error))
    if not keys:
        raise RefusedError(Refusal.CHAIN, f"the certificate is not trusted: {why}")
    return tuple(keys)


def _extensions(certificate: Certificate) -> Extensions | None:
    try:
        return certificate.extensions
    except (ValueError, DuplicateExtension, UnsupportedGeneralNameType):
        return None


def _is_alexas(extensions: Extensions) -> bool:
    """Whether it is for the very name of Alexa, not for a pattern, and may sign, but issue none."""
    constraints = _value(extensions, BasicConstraints)
    usage = _value(extensions, KeyUsage)
    names = _value(extensions, SubjectAlternativeName)
    return (
        not (constraints and constraints.ca)
        and not (usage and not usage.digital_signature)
        and names is not None
        and _NAME in (name.lower() for name in names.get_values_for_type(DNSName))
    )


def _value(extensions: Extensions, kind: type[_E]) -> _E | None:
    return next((each.value for each in extensions if isinstance(each.value, kind)), None)


def _trusted(leaf: Certificate, others: list[Certificate], roots: Store, now: datetime) -> SigningKey:
    """Raises VerificationError or ValueError. How many signatures are tried is bounded by the library."""
    verifier = PolicyBuilder().store(roots).time(now).build_server_verifier(DNSName(_NAME))
    path = verifier.verify(leaf, others)
    key = leaf.public_key()
    # The library holds issuers to this length, and leaves not.
    if not isinstance(key, RSAPublicKey) or key.key_size < verifier.policy.minimum_rsa_modulus:
        raise ValueError("the key is not RSA, or too short")
    start = max(certificate.not_valid_before_utc for certificate in path)
    return SigningKey(key, start, min(certificate.not_valid_after_utc for certificate in path))
