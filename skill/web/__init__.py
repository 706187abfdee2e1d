"""The web edge: one Flask application, made by a factory."""

from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography.x509 import Certificate
from flask import Flask

from skill.config import Config
from skill.intents.turn import utc_now
from skill.service import build_service
from skill.store.store import Store
from skill.web.app import App
from skill.web.art import art
from skill.web.audio import audio
from skill.web.certificates import fetch_chain, system_roots
from skill.web.endpoint import alexa
from skill.web.headers import harden
from skill.web.health import health
from skill.web.hosts import is_loopback, only_under
from skill.web.keys import Keys
from skill.web.metrics import metrics
from skill.web.privacy import privacy
from skill.web.verify import Verifier

SKILL = "sciatica-coach"
"""The key in `app.extensions` of the ASK skill object."""

RECORDINGS = "sciatica-coach recordings"
"""The key in `app.extensions` of the Recordings."""

STORE = "sciatica-coach store"
"""The key in `app.extensions` of the Guard before the store."""


def create_app(
    config: Config | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
    store: Store | None = None,
    fetch_certificate: Callable[[str], bytes] = fetch_chain,
    trust_roots: Sequence[Certificate] | None = None,
    verify: bool = True,
) -> Flask:
    """The webhook: `POST /alexa`, `GET /audio/<token>.mp3`, `/art.png`, `/privacy`, `/metrics` and probes.

    clock: gives an aware UTC datetime. store: kept open by the caller; else config.store is opened.
    fetch_certificate: gets a signing chain in PEM from a URL that has been checked.
    trust_roots: who may have issued it; else certifi's. verify: False believes every request, and
    serves loopback names only.
    """
    config = config or Config()
    service = build_service(config, clock, store)
    skill = service.builder.create()
    keys = Keys(fetch_certificate, trust_roots or system_roots(), clock)
    verifier = Verifier(keys, clock) if verify else None
    app = App("skill.web")
    # Alexa's app and screens may be web pages. Without an address of ours they are sent nothing.
    harden(app, *(("art", "audio") if config.base_url else ()))
    if not verify:
        only_under(app, is_loopback)
    app.extensions[SKILL] = skill
    app.extensions[RECORDINGS] = service.recordings
    app.extensions[STORE] = service.store
    parts = (alexa(skill, verifier), audio(service.recordings), art(), health(service.store), metrics())
    for part in (*parts, privacy(service.language)):
        app.register_blueprint(part)
    return app
