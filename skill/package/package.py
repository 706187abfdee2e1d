"""What is particular to one host's skill package; all else comes from `skill/content`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from skill.config import LOCALES
from skill.content.store_loader import load_store_page
from skill.content.store_page import StorePage
from skill.package.endpoint import PRIVACY_PATH, Endpoint

DEFAULT_URL = "https://coach.example.com/alexa"


class Certificate(StrEnum):
    """Whom the endpoint's certificate is for, in Amazon's words: this host, or all hosts of a domain."""

    TRUSTED = "Trusted"
    WILDCARD = "Wildcard"


@dataclass(frozen=True, slots=True)
class Package:
    """name, invocation_name: "" for those of the content. privacy: where the policy stands; "" for the
    endpoint's own host, or for nowhere where that is a function.
    """

    endpoint: Endpoint
    certificate: Certificate = Certificate.TRUSTED
    name: str = ""
    invocation_name: str = ""
    locales: tuple[str, ...] = LOCALES
    privacy: str = ""

    @property
    def pages(self) -> Mapping[str, StorePage]:
        """What the store says in each locale."""
        return {locale: self._page(locale) for locale in self.locales}

    @property
    def privacy_url(self) -> str:
        """Where the policy stands; "" for nowhere."""
        own = f"{self.endpoint.base_url}{PRIVACY_PATH}" if self.endpoint.host else ""
        return self.privacy or own

    def _page(self, locale: str) -> StorePage:
        page = load_store_page(locale.partition("-")[0])
        return page.called(self.name or page.name, self.invocation_name or page.invocation_name)
