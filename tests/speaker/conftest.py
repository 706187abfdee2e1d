"""A browser, a host and a visit, for the tests of the page."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.speaker.visit import Host, Visit, serving

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is missing, so the page is NOT tested: install the package chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with serving(tmp_path) as host:
        yield host


@pytest.fixture
def context(browser: Browser, host: Host) -> Iterator[BrowserContext]:
    """Needs the host, so that pages are gone before it is."""
    context = browser.new_context(viewport={"width": 390, "height": 780})
    yield context
    context.close()


@pytest.fixture
def visit(context: BrowserContext, host: Host) -> Iterator[Visit]:
    visit = Visit(context, host)
    yield visit
    assert visit.problems == []
