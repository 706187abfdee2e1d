"""The web edge: one Flask application, made by a factory."""

from collections.abc import Callable, Sequence
from datetime import datetime

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter
from cryptography.x509 import Certificate
from flask import Flask

from skill.audio.library import Library
from skill.audio.recorded_voices import RecordedVoices
from skill.audio.recordings import Recordings
from skill.config import Config
from skill.content import load_content
from skill.intents.streams import Streams
from skill.intents.turn import utc_now
from skill.routine.marks import Marks
from skill.skill import build_skill
from skill.store import open_store
from skill.web.art import art
from skill.web.audio import audio
from skill.web.certificates import fetch_chain, system_roots
from skill.web.endpoint import alexa
from skill.web.health import health
from skill.web.privacy import privacy
from skill.web.verify import Verifier

SKILL = "sciatica-coach"
"""The key in `app.extensions` of the ASK skill object."""

RECORDINGS = "sciatica-coach recordings"
"""The key in `app.extensions` of the Recordings."""


def create_app(
    config: Config | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
    store: AbstractPersistenceAdapter | None = None,
    fetch_certificate: Callable[[str], bytes] = fetch_chain,
    trust_roots: Sequence[Certificate] | None = None,
    verify: bool = True,
) -> Flask:
    """The webhook: `POST /alexa`, `GET /audio/<token>.mp3`, `/art.png`, `/healthz`, `/readyz` and `/privacy`.

    clock: gives an aware UTC datetime. store: kept open by the caller; else config.store is opened.
    fetch_certificate: gets a signing chain in PEM from a URL that has been checked.
    trust_roots: who may have issued it; else certifi's. verify: False only behind something that
    verifies requests itself, or on loopback.
    """
    config = config or Config()
    store = store or open_store(config.store_url)
    content = load_content()
    folder = config.audio_folder
    library = Library(folder, config.voice, content.language)
    voices = RecordedVoices(library, Marks(config.marks))
    recordings = Recordings(voices, content, folder, config.secret)
    streams = Streams(recordings, config.base_url)
    skill_id = config.skill_id or None
    skill = build_skill(content, config.routine, store, clock, config.pause, skill_id, streams)
    verifier = Verifier(fetch_certificate, trust_roots or system_roots(), clock) if verify else None
    app = Flask("skill.web")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.extensions[SKILL] = skill
    app.extensions[RECORDINGS] = recordings
    app.register_blueprint(alexa(skill, verifier))
    app.register_blueprint(audio(recordings))
    app.register_blueprint(art())
    app.register_blueprint(health(store))
    app.register_blueprint(privacy(content.language))
    return app
