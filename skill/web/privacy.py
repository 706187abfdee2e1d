"""`GET /privacy`: the privacy policy that the skill's page in the Alexa store links to."""

from importlib.resources import files

from flask import Blueprint, Response

from skill import content
from skill.package.endpoint import PRIVACY_PATH


def privacy(language: str) -> Blueprint:
    """The policy in `language`, as it stands in `content/<language>/privacy.md`."""
    blueprint = Blueprint("privacy", __name__)
    text = (files(content) / language / "privacy.md").read_text("utf-8")

    @blueprint.get(PRIVACY_PATH)
    def policy() -> Response:
        return Response(text, mimetype="text/plain", headers={"Cache-Control": "public, max-age=3600"})

    return blueprint
