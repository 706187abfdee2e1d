"""`GET /art.png`: the picture that a screen shows beside a stream."""

from importlib.resources import files

from flask import Blueprint, Response


def art() -> Blueprint:
    """The picture, 512 by 512."""
    blueprint = Blueprint("art", __name__)
    picture = (files(__package__) / "art.png").read_bytes()

    @blueprint.get("/art.png")
    def show() -> Response:
        return Response(picture, mimetype="image/png", headers={"Cache-Control": "public, max-age=86400"})

    return blueprint
