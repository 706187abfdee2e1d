"""Why a request does not reach the skill."""

from enum import StrEnum


class Refusal(StrEnum):
    """What was wrong with a request; the label of its metric."""

    ADDRESS = "certificate_address"
    """The certificate URL is not one of Amazon's."""
    FETCH = "certificate_fetch"
    """The certificate could not be fetched, or not in time."""
    CHAIN = "certificate_chain"
    """The certificate is not one, or nobody we trust vouches for it."""
    SIGNATURE = "signature"
    TIMESTAMP = "timestamp"
    SKILL = "skill_id"
    BODY = "body"
    """The body is no Alexa request."""
    ORIGIN = "origin"
    """A web page sent it."""


class RefusedError(Exception):
    """A request that is not proven to come from Alexa, or that makes no sense.

    The message is for the log only, and holds nothing that the request said.
    """

    def __init__(self, refusal: Refusal, why: str) -> None:
        super().__init__(why)
        self.refusal = refusal
