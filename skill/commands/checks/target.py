"""The host that is looked at from outside."""

from dataclasses import dataclass

from skill.package.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint on the web; Alexa asks port 443, and browsers without TLS ask port 80."""

    host: str
    path: str
    port: int = 443
    plain_port: int = 80

    @classmethod
    def of(cls, endpoint: Endpoint) -> "Target":
        """The host of `endpoint`, which is no function."""
        return cls(endpoint.host, endpoint.path)

    @property
    def url(self) -> str:
        """Where Alexa sends its requests."""
        return f"https://{self.host}{self.path}"
