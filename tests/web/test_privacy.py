"""The privacy policy is served where the skill's manifest says it is."""

from urllib.parse import urlsplit

from skill.config import Config
from skill.package.endpoint import Endpoint
from skill.package.package import DEFAULT_URL, Package
from skill.package.skill_package import manifest
from skill.store.sqlite import SqliteStore
from skill.web import create_app


def test_the_policy_stands_where_the_manifest_points(store: SqliteStore) -> None:
    client = create_app(Config(), store=store).test_client()
    privacy = manifest(Package(Endpoint.parse(DEFAULT_URL)))["manifest"]["privacyAndCompliance"]
    for locale in privacy["locales"].values():
        answer = client.get(urlsplit(locale["privacyPolicyUrl"]).path)
        assert answer.status_code == 200
        assert answer.mimetype == "text/plain"
        assert "disable the skill" in answer.text
        assert "Alexa, tell sciatica coach to forget me" in answer.text
