"""The privacy policy is served where the skill's manifest says it is."""

from pathlib import Path
from urllib.parse import urlsplit

from ask_sdk_model import RequestEnvelope, Session, User

from skill.config import Config
from skill.package.skill_package import manifest
from skill.store.sqlite import SqliteStore
from skill.web import create_app


def test_the_policy_stands_where_the_manifest_points(store: SqliteStore) -> None:
    client = create_app(Config(), store=store).test_client()
    privacy = manifest("https://coach.example.com/alexa")["manifest"]["privacyAndCompliance"]
    for locale in privacy["locales"].values():
        answer = client.get(urlsplit(locale["privacyPolicyUrl"]).path)
        assert answer.status_code == 200
        assert answer.mimetype == "text/plain"
        assert "disable the skill" in answer.text
        assert "Alexa, tell sciatica coach to forget me" in answer.text


def test_who_was_not_heard_of_for_two_years_is_forgotten_when_the_webhook_starts(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "coach.sqlite3"))
    for years, user in ((3, "long gone"), (1, "away"), (0, "here")):
        store.save_attributes(RequestEnvelope(session=Session(user=User(user))), {})
        updated = 1_800_000_000 - years * 366 * 86_400
        store._connection().execute("update person set updated = ? where key = ?", (updated, user))
    create_app(Config(), store=store)
    assert store._connection().execute("select key from person order by key").fetchall() == [
        ("away",),
        ("here",),
    ]
    store._connection().close()
