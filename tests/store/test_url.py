"""A store's address is told without its password."""

import pytest

from skill.store.url import told_url


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://coach@db/coach", None),
        ("postgresql://coach@db:5432/coach?sslmode=require", None),
        ("postgresql:///coach?host=/var/run/postgresql", None),
        ("sqlite:////srv/a:b@c/coach.sqlite3", None),
        ("dynamodb://coach?region=eu-west-1", None),
        ("postgresql://coach:hush@db:5432/coach", "postgresql://coach:***@db:5432/coach"),
        ("postgresql://:hush@db/coach", "postgresql://:***@db/coach"),
        ("postgres://coach:hu:sh@db/coach", "postgres://coach:***@db/coach"),
        ("postgresql://coach:hu@sh/hush@db/coach", "postgresql://coach:***@db/coach"),
        ("postgresql://coach:/hush@db/coach", "postgresql://coach:***@db/coach"),
        ("postgresql://coach@cloud:hush@db/coach", "postgresql://coach@cloud:***@db/coach"),
        ("postgresql://coach:hush\nhush@db/coach", "postgresql://coach:***@db/coach"),
        ("coach:hush@db/coach", "coach:***@db/coach"),
        ("postgresql:coach:hush@db", "postgresql:***@db"),
        ("mysql://coach:hush@db", "mysql://coach:***@db"),
        ("postgresql://db/coach?user=c&password=hush", "postgresql://db/coach?user=c&password=***"),
        (
            "postgresql://db/coach?sslpassword=hush&sslmode=require",
            "postgresql://db/coach?sslpassword=***&sslmode=require",
        ),
        ("postgresql://db/coach?pass%77ord=hush", "postgresql://db/coach?pass%77ord=***"),
        ("postgresql://db/coach?%50ASS%57%6frd=hush", "postgresql://db/coach?%50ASS%57%6frd=***"),
        ("host=db password=hush user=coach", "host=db password=*** user=coach"),
        ("host=db PASSWORD = 'hu hush' user=coach", "host=db PASSWORD = *** user=coach"),
    ],
)
def test_a_password_is_never_told(url: str, told: str | None) -> None:
    assert told_url(url) == (told or url)
    assert "hush" not in told_url(url)
