"""Where Alexa sends its requests: an address on the web, or a function of AWS Lambda."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

PATH = "/alexa"
"""Where the webhook answers."""

PRIVACY_PATH = "/privacy"
"""Where the privacy policy stands on the same host."""

_HOST = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.ASCII)
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+", re.ASCII)
_LAMBDA = re.compile(
    r"arn:aws:lambda:(us-east-1|us-west-2|eu-west-1|ap-northeast-1):\d{12}:function:[A-Za-z0-9_-]{1,64}"
    r"(:[A-Za-z0-9_-]{1,128}|:\$LATEST)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """uri: as the manifest has it. host, path: of an address on the web; "" for a function."""

    uri: str
    host: str = ""
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """From what a person writes; a host alone means its `/alexa`. Raises ValueError."""
        if text.lower().startswith("arn:"):
            if not _LAMBDA.fullmatch(text):
                raise ValueError(
                    f"{text!r} is no function that Alexa can call; allowed: arn:aws:lambda:REGION:ACCOUNT:"
                    "function:NAME, in us-east-1, us-west-2, eu-west-1 or ap-northeast-1"
                )
            return cls(text)
        parts = _split(text)
        host, path = (parts.hostname or "").rstrip("."), parts.path.rstrip("/") or PATH
        if not _HOST.fullmatch(host):
            raise ValueError(f"{text!r} names no host that Amazon can find; allowed: https://your.host{PATH}")
        if not _PATH.fullmatch(path) or "/." in path:
            raise ValueError(f"the path in {text!r} is not plain; allowed: https://your.host{PATH}")
        return cls(f"https://{host}{path}", host, path)

    @property
    def base_url(self) -> str:
        """The host as an address, to put a path behind; "" for a function."""
        return f"https://{self.host}" if self.host else ""


def _split(text: str) -> SplitResult:
    """The parts of an https address on port 443. Raises ValueError."""
    try:
        parts = urlsplit(text.strip())
        port, named = parts.port or 443, parts.hostname is not None and "@" not in parts.netloc
    except ValueError:
        raise ValueError(f"{text!r} is no address; allowed: https://your.host{PATH}") from None
    if parts.scheme != "https" or not named:
        raise ValueError(f"the endpoint must be an https:// address, not {text!r}")
    if port != 443:
        raise ValueError(f"Alexa asks port 443 alone, not {port}; allowed: https://your.host{PATH}")
    if "?" in text or "#" in text:
        raise ValueError(f"{text!r} has more than a host and a path; allowed: https://your.host{PATH}")
    return parts
