"""`sciatica-coach setup`: the package of one host, and what to do with it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from skill.cli import main

ROOT = Path(__file__).parent.parent
URL = "https://coach.example.org/alexa"
LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:coach"


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder of one's own, and nothing set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCIATICA_URL", raising=False)


_NUMBERED = '{"profiles": {"default": {"skillMetadata": {"src": 1}}}}'


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def manifest(folder: Path) -> Any:
    return json.loads((folder / "my-skill/interaction_model/skill.json").read_text("utf-8"))["manifest"]


def test_the_address_is_that_of_the_host_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["setup"]) == 2
    assert "--url https://your.host/alexa, or set SCIATICA_URL" in capsys.readouterr().err
    monkeypatch.setenv("SCIATICA_URL", "https://coach.example.org")
    assert main(["setup"]) == 0
    assert manifest(tmp_path)["apis"]["custom"]["endpoint"] == {"uri": URL, "sslCertificateType": "Trusted"}
    assert main(["setup", "--url", "https://other.example.org", "--certificate", "wildcard"]) == 0
    endpoint = {"uri": "https://other.example.org/alexa", "sslCertificateType": "Wildcard"}
    assert manifest(tmp_path)["apis"]["custom"]["endpoint"] == endpoint
    assert manifest(tmp_path)["events"]["endpoint"] == endpoint
    policies = manifest(tmp_path)["privacyAndCompliance"]["locales"].values()
    assert {each["privacyPolicyUrl"] for each in policies} == {"https://other.example.org/privacy"}


def test_twice_gives_the_same_and_keeps_what_is_ask_clis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["setup", "--url", URL])
    folder = tmp_path / "my-skill"
    (folder / ".ask").mkdir()
    states = folder / ".ask/ask-states.json"
    states.write_text('{"profiles": {"default": {"skillId": "amzn1.ask.skill.1"}}}')
    (folder / "interaction_model/README.md").write_text("mine")
    resources = json.loads((folder / "ask-resources.json").read_text())
    resources["profiles"]["work"] = {"skillMetadata": {"src": "./other"}}
    (folder / "ask-resources.json").write_text(json.dumps(resources, indent=2) + "\n")
    before = tree(tmp_path)
    main(["setup", "--url", URL])
    assert tree(tmp_path) == before
    monkeypatch.chdir(folder)
    main(["setup", "--url", URL])
    assert tree(tmp_path) == before, "from the folder that it was deployed from, too"


def test_edits_of_the_manifest_are_kept_beside_the_package(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["setup", "--url", URL])
    main(["setup", "--url", "https://other.example.org/alexa", "--locale", "en-GB"])
    path, kept = tmp_path / "my-skill/interaction_model/skill.json", "my-skill/skill.json.before-"
    assert kept not in capsys.readouterr().out, "what setup wrote holds no edits"
    for number in (1, 2):
        path.write_text(
            edited := path.read_text().replace('"containsAds": false', f'"containsAds": {number}')
        )
        assert main(["setup", "--url", URL]) == 0
        assert f"{kept}{number}: what skill.json held until now" in capsys.readouterr().out
        assert (tmp_path / f"{kept}{number}").read_text() == edited
    assert manifest(tmp_path)["privacyAndCompliance"]["containsAds"] is False


@pytest.mark.parametrize("source", ["./skill-package", "../other", "/interaction_model"])
def test_the_folder_of_another_skill_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    """What is deployed from it goes to that skill, whose id is in .ask."""
    resources = {"profiles": {"default": {"skillMetadata": {"src": source}}}}
    (tmp_path / "ask-resources.json").write_text(json.dumps(resources))
    before = tree(tmp_path)
    assert main(["setup", "--url", URL, "--write", "."]) == 2
    assert f"another skill, whose package is {source}" in capsys.readouterr().err
    assert tree(tmp_path) == before
    resources["profiles"]["default"]["skillMetadata"]["src"] = "interaction_model/"
    (tmp_path / "ask-resources.json").write_text(json.dumps(resources))
    assert main(["setup", "--url", URL, "--write", "."]) == 0


def test_locales_that_are_gone_are_gone_from_the_folder(tmp_path: Path) -> None:
    main(["setup", "--url", URL])
    main(["setup", "--url", URL, "--locale", "en-IN", "--locale", "en-GB"])
    models = tmp_path / "my-skill/interaction_model/interactionModels/custom"
    assert sorted(path.name for path in models.iterdir()) == ["en-GB.json", "en-IN.json"]
    assert list(manifest(tmp_path)["publishingInformation"]["locales"]) == ["en-GB", "en-IN"]


def test_another_name_is_used_wherever_people_are_told_to_say_it(tmp_path: Path) -> None:
    main(["setup", "--url", URL, "--name", "Back Buddy", "--invocation-name", "back buddy"])
    texts = "".join(file.decode() for file in tree(tmp_path / "my-skill").values())
    assert "Alexa, open back buddy" in texts
    assert "open sciatica coach" not in texts
    page = manifest(tmp_path)["publishingInformation"]["locales"]["en-GB"]
    assert page["name"] == "Back Buddy"
    assert page["examplePhrases"][1] == "Alexa, ask back buddy to go to the hamstring stretch"


def test_a_function_has_no_certificate_and_a_policy_only_if_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["setup", "--url", LAMBDA])
    assert manifest(tmp_path)["apis"]["custom"]["endpoint"] == {"uri": LAMBDA}
    assert "locales" not in manifest(tmp_path)["privacyAndCompliance"]
    told = capsys.readouterr().out
    assert "docs/hosting-aws.md" in told
    assert "give --privacy" in told
    main(["setup", "--url", LAMBDA, "--privacy", "https://coach.example.org/policy"])
    policies = manifest(tmp_path)["privacyAndCompliance"]["locales"]
    assert policies["en-US"] == {"privacyPolicyUrl": "https://coach.example.org/policy"}
    monkeypatch.setenv("SCIATICA_URL", "https://coach.example.org")
    main(["setup", "--url", LAMBDA])
    policies = manifest(tmp_path)["privacyAndCompliance"]["locales"]
    assert policies["en-US"] == {"privacyPolicyUrl": "https://coach.example.org/privacy"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--url", "http://coach.example.org/alexa"], "must be an https:// address"),
        (["--url", "coach.example.org"], "must be an https:// address"),
        (["--url", "https://coach.example.org:8443/alexa"], "port 443 alone, not 8443"),
        (["--url", "https://coach.example.org:99999/alexa"], "is no address"),
        (["--url", "https://localhost/alexa"], "names no host that Amazon can find"),
        (["--url", "https://192.168.1.2/alexa"], "names no host that Amazon can find"),
        (["--url", "https://me:secret@coach.example.org/alexa"], "must be an https:// address"),
        (["--url", "https://coach.example.org/alexa?key=1"], "more than a host and a path"),
        (["--url", "https://coach.example.org/a lexa"], "the path in"),
        (["--url", "https://coach.example.org/../alexa"], "the path in"),
        (["--url", "arn:aws:lambda:eu-central-1:123456789012:function:coach"], "eu-west-1 or ap-northeast-1"),
        (["--url", "arn:aws:lambda:eu-west-1:1:function:coach"], "allowed: arn:aws:lambda:REGION"),
        (["--url", LAMBDA, "--certificate", "wildcard"], "a function has no --certificate"),
        (
            ["--url", URL, "--invocation-name", "coach"],
            "written: the invocation name is 'coach': two words or more",
        ),
        (["--url", URL, "--invocation-name", "Back Coach"], "small letters"),
        (["--url", URL, "--invocation-name", "back coach 2"], "small letters"),
        (["--url", URL, "--invocation-name", "open coach"], "'open' belongs to Alexa"),
        (["--url", URL, "--invocation-name", "the coach"], "of two words, none may be"),
        (["--url", URL, "--name", "x"], "name has 1 characters; allowed: 2 to 50"),
        (["--url", URL, "--name", "   "], "name has 0 characters"),
        (["--url", URL, "--name", "x" * 51], "allowed: 2 to 50"),
        (["--url", URL, "--privacy", "http://coach.example.org/p"], "the privacy policy is at"),
    ],
    ids=lambda value: " ".join(value)[:60],
)
def test_what_amazon_would_refuse_is_refused_here_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], told: str
) -> None:
    assert main(["setup", *options]) == 2
    assert told in capsys.readouterr().err
    assert tree(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes.txt", "mine"),
        ("skill.json", '{"manifest": {"apis": {"custom": {}}}}'),
        ("skill.json", "not json"),
        (
            "interactionModels/custom/en-US.json",
            '{"interactionModel": {"languageModel": {"intents": [{"name": "TriviaIntent"}]}}}',
        ),
    ],
)
def test_a_folder_of_something_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    file = tmp_path / "my-skill/interaction_model" / name
    file.parent.mkdir(parents=True)
    file.write_text(text)
    (tmp_path / "my-skill/interaction_model/skill.json").touch()
    before = tree(tmp_path)
    assert main(["setup", "--url", URL]) == 2
    assert "holds something else" in capsys.readouterr().err
    assert tree(tmp_path) == before


def test_a_file_in_its_place_or_resources_of_something_else_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "interaction_model").write_text("")
    assert main(["setup", "--url", URL, "--write", "."]) == 2
    assert "interaction_model is a file; allowed: a folder" in capsys.readouterr().err
    (tmp_path / "my-skill").mkdir()
    for text in ("[]", "{", '{"profiles": []}', '{"profiles": {"default": 1}}', _NUMBERED):
        (tmp_path / "my-skill/ask-resources.json").write_text(text)
        assert main(["setup", "--url", URL]) == 2
        assert "ask-resources.json" in capsys.readouterr().err
        assert not (tmp_path / "my-skill/interaction_model").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["setup", "--url", URL, "--write", "file/in/it"]) == 2
    assert "cannot be written: Not a directory" in capsys.readouterr().err


def test_what_to_do_next_is_told_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    main(["setup", "--url", URL, "--locale", "en-GB", "--write", "my skill"])
    told = capsys.readouterr().out
    assert [line.strip() for line in told.splitlines() if line.startswith("    ")] == [
        "cd 'my skill'",
        "npm install -g ask-cli antlr4ts@0.5.0-alpha.4",
        "ask configure",
        "ask deploy",
        "export SCIATICA_SKILL_ID=amzn1.ask.skill....",
        "ask dialog --locale en-GB",
    ]
    assert '"Alexa, open sciatica coach"' in told


def test_a_function_gets_the_skill_that_is_there_before_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["setup", "--url", LAMBDA])
    told = capsys.readouterr().out
    commands = [line.strip() for line in told.splitlines() if line.startswith("    ")]
    assert commands[3] == "mkdir -p .ask"
    assert [commands[5], commands[6]] == ["ask deploy", "ask dialog --locale en-US"]
    assert "tells the id" not in told
    folder = tmp_path / "my-skill"
    subprocess.run(" && ".join(commands[3:5]), shell=True, cwd=folder, check=True)
    states = (folder / ".ask/ask-states.json").read_text()
    assert states.strip() in (ROOT / "docs/hosting-aws.md").read_text("utf-8")
    main(["setup", "--url", LAMBDA])
    assert "mkdir" not in capsys.readouterr().out, "it is not written over"


def git(folder: Path, *words: str) -> str:
    """What git prints; its settings are those of nobody."""
    settings = {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    command = ["git", *who, *words]
    return subprocess.run(
        command, cwd=folder, env=settings, check=True, capture_output=True, text=True, timeout=60
    ).stdout


def test_a_new_version_can_be_pulled_after_setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it has another skill package."""
    upstream, ours = tmp_path / "upstream", tmp_path / "ours"
    for name in (".gitignore", "ask-resources.json", "interaction_model/skill.json"):
        (upstream / name).parent.mkdir(parents=True, exist_ok=True)
        (upstream / name).write_bytes((ROOT / name).read_bytes())
    git(upstream, "init", "--quiet")
    git(upstream, "add", ".")
    git(upstream, "commit", "--quiet", "--message", "one")
    git(tmp_path, "clone", "--quiet", "upstream", "ours")
    monkeypatch.chdir(ours)
    assert main(["setup", "--url", URL]) == 0
    assert git(ours, "status", "--porcelain") == ""
    (upstream / "ask-resources.json").write_text("{}")
    (upstream / "interaction_model/skill.json").write_text("{}")
    git(upstream, "commit", "--quiet", "--all", "--message", "two")
    git(ours, "pull", "--quiet")
    assert (ours / "interaction_model/skill.json").read_text() == "{}"
    assert manifest(ours)["apis"]["custom"]["endpoint"]["uri"] == URL
