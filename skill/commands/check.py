"""`sciatica-coach check`: whether this host is ready, and how to mend what is not."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import urlopen

import certifi
from rich.console import Console
from rich.text import Text

from skill.commands.clips import library_of, texts_to_record
from skill.commands.command import Commands, Options, UsageError, add_command
from skill.commands.keeping import reachable_store
from skill.config import Config

_PATIENCE_S = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. mend: what to do about it; "" where it is well."""

    what: str
    found: str
    mend: str = ""


def add(commands: Commands) -> None:
    """Add the command."""
    add_command(commands, "check", "check whether this host is ready, and say how to mend what is not", _do)


def _do(_: Options, config: Config) -> None:
    findings = [check(config) for check in CHECKS]
    console = Console(highlight=False)
    for finding in findings:
        mark = Text("\u2718", "red") if finding.mend else Text("\u2714", "green")
        console.print(mark, f"{finding.what:<12}{finding.found}", markup=False, soft_wrap=True)
        if finding.mend:
            console.print(f"  {'':<12}\u2192 {finding.mend}", markup=False, soft_wrap=True)
    if any(finding.mend for finding in findings):
        raise SystemExit(1)


def _places(config: Config) -> Finding:
    try:
        reachable_store(config)
    except UsageError as error:
        return Finding("places", str(error), "set SCIATICA_STORE to a file that can be written")
    return Finding("places", f"kept in {config.store_url}")


def _skill_id(config: Config) -> Finding:
    if config.skill_id:
        return Finding("skill", config.skill_id)
    return Finding("skill", "any may use this webhook", "set SCIATICA_SKILL_ID=amzn1.ask.skill....")


def _recordings(config: Config) -> Finding:
    library, texts = library_of(config.voice, config), texts_to_record(config)
    missing = len(library.missing(texts))
    if missing or not library.snapshot.has_sounds:
        what = f"{missing} of {len(texts)} texts are" if missing else "the sounds are"
        found = f"{what} not recorded by {config.voice}"
        return Finding("recordings", found, f"sciatica-coach audio build --voice {config.voice}")
    return Finding("recordings", f"all {len(texts)} texts, by {config.voice}")


def _address(config: Config) -> Finding:
    """Alexa's devices fetch recordings over https, from port 443, with a certificate that they trust."""
    if not config.url:
        return Finding("address", "Alexa's devices get no recordings", "set SCIATICA_URL=https://your.host")
    try:
        trusted = ssl.create_default_context(cafile=certifi.where())
        with urlopen(f"{config.base_url}/healthz", timeout=_PATIENCE_S, context=trusted) as answer:  # noqa: S310
            if b"alive" not in answer.read(100):
                raise URLError("something else answers there")
    except (HTTPException, OSError) as error:
        reason = getattr(error, "reason", error)
        return Finding("address", f"{config.url}: {reason}", _mend_address(reason))
    return Finding("address", f"{config.url} answers, and its certificate is trusted")


def _mend_address(reason: object) -> str:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return "get a certificate that browsers trust, for this very host, with its whole chain"
    return "let the host answer https on port 443, and pass it on to sciatica-coach serve"


CHECKS: tuple[Callable[[Config], Finding], ...] = (_places, _skill_id, _recordings, _address)
"""What is looked at, in this order."""
