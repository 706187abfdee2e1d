"""The SDK's own verifier, its import mended in this process and for as long as a test needs it.

oscrypto 1.3.0 looks for one digit in the patch number of OpenSSL's version. Nothing installed is touched.
"""

import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from importlib import import_module
from io import BytesIO
from types import ModuleType, SimpleNamespace
from unittest.mock import patch

from ask_sdk_core.exceptions import AskSdkException
from ask_sdk_core.skill_builder import SkillBuilder
from cryptography.hazmat.primitives.serialization import Encoding

from tests.intents.alexa import SKILL_ID
from tests.web.attempt import Attempt
from tests.web.authority import authority

PACKAGE = "ask_sdk_webservice_support"
_MENDED = ("oscrypto", "certvalidator", "asn1crypto", f"{PACKAGE}.verifier", f"{PACKAGE}.webservice_handler")
_OPENSSL = re.compile(r"(OpenSSL \d\.\d\.\d)\d+")


@contextmanager
def mended() -> Iterator[tuple[ModuleType, ModuleType]]:
    """The modules `verifier` and `webservice_handler`; forgotten again afterwards."""
    search = re.search

    def short(pattern: str, text: str, flags: int = 0) -> re.Match[str] | None:
        return search(pattern, _OPENSSL.sub(r"\1", text) if isinstance(text, str) else text, flags)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with patch("re.search", short):
                verifier = import_module(f"{PACKAGE}.verifier")
                handler = import_module(f"{PACKAGE}.webservice_handler")
            yield verifier, handler
        finally:
            for name in [name for name in sys.modules if name.startswith(_MENDED)]:
                del sys.modules[name]
            for name in ("verifier", "webservice_handler"):
                vars(sys.modules[PACKAGE]).pop(name, None)


def answer(modules: tuple[ModuleType, ModuleType], attempt: Attempt, now: datetime) -> str:
    """What the SDK does with a request at `now`: "passes", "refuses", or the error that gets out of it."""
    verifier, handler = modules
    roots = [authority().root.certificate.public_bytes(Encoding.DER)]
    certvalidator = sys.modules["certvalidator"]

    def validator(leaf: bytes, others: list[bytes]) -> object:
        context = certvalidator.ValidationContext(trust_roots=roots, moment=now)
        return certvalidator.CertificateValidator(leaf, others, context)

    def fetch(_: str) -> BytesIO:
        if attempt.error:
            raise attempt.error
        return BytesIO(attempt.pem)

    def at(_: tzinfo | None = None) -> datetime:
        return now

    clock = SimpleNamespace(now=at, utcnow=lambda: now.replace(tzinfo=None))
    headers, body = attempt.sent()
    with patch.multiple(verifier, CertificateValidator=validator, urlopen=fetch, datetime=clock):
        try:
            endpoint = handler.WebserviceSkillHandler(_skill().create())
            endpoint.verify_request_and_dispatch(headers, body.decode())
        except AskSdkException:
            return "refuses"
        except Exception as error:
            return type(error).__name__
    return "passes"


def _skill() -> SkillBuilder:
    """Answers everything."""
    builder = SkillBuilder()
    builder.skill_id = SKILL_ID
    builder.request_handler(lambda _: True)(lambda asked: asked.response_builder.response)
    return builder
