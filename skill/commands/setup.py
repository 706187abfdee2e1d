"""`sciatica-coach setup`: the Alexa skill package of this host, and how to deploy it."""

import shlex
from pathlib import Path

from skill.commands.command import Commands, Options, UsageError, add_command, tell
from skill.config import LOCALES, Config
from skill.package.endpoint import PATH, PRIVACY_PATH, Endpoint
from skill.package.folder import KEPT, PACKAGE, RESOURCES, FolderError, write
from skill.package.package import Certificate, Package

FOLDER = Path("my-skill")
"""What stands there is the user's, not the repository's: git ignores it."""

DEPLOY = ("npm install -g ask-cli antlr4ts@0.5.0-alpha.4", "ask configure", "ask deploy")
"""What brings the package to Amazon. ask-cli 2.30.7 stops at its start with a newer antlr4ts."""

STATES = (
    "mkdir -p .ask",
    """echo '{"askcliStatesVersion": "2020-03-31", "profiles": {"default": """
    """{"skillId": "amzn1.ask.skill...."}}}' > .ask/ask-states.json""",
)
"""What tells ask-cli the id of a skill that is there already, as a function wants it."""
_BELONGS = (
    "The last one tells the id of your skill. Let the coach answer that skill alone, and start it again:",
    "",
    "    export SCIATICA_SKILL_ID=amzn1.ask.skill....",
    "",
)
_CERTIFICATES = {str(kind).lower(): kind for kind in Certificate}


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "setup", "write the Alexa skill package, and say how to deploy it", _do)
    where = f"where Alexa sends requests: https://your.host{PATH}, or the ARN of a function of AWS Lambda; "
    command.add_argument("--url", default="", metavar="URL", help=where + f"default: SCIATICA_URL and {PATH}")
    whom = "whether the certificate names this host, or all hosts of a domain; default: trusted"
    command.add_argument("--certificate", choices=[*_CERTIFICATES], default="trusted", help=whom)
    command.add_argument("--name", default="", help="in the skill store; default: Sciatica Coach")
    opens = "what opens the skill, as in 'back coach'; default: sciatica coach"
    command.add_argument("--invocation-name", default="", metavar="WORDS", help=opens)
    languages = "where it is offered; may be given again; default: all"
    command.add_argument("--locale", choices=LOCALES, action="append", help=languages)
    policy = f"where the privacy policy stands; default: {PRIVACY_PATH} on the same host"
    command.add_argument("--privacy", default="", metavar="URL", help=policy)
    default = skill_folder()
    folder = f"the folder to write {RESOURCES} and {PACKAGE}/ into; default: {default}"
    command.add_argument("--write", type=Path, default=default, metavar="FOLDER", help=folder)


def skill_folder() -> Path:
    """The folder of the user's skill: FOLDER, or this one, if a skill was deployed from it."""
    return Path() if Path(".ask").exists() and not FOLDER.exists() else FOLDER


def setup_command(package: Package, folder: Path) -> str:
    """The command that writes `package` into `folder`."""
    words = ["sciatica-coach", "setup", "--url", package.endpoint.uri]
    if package.certificate is not Certificate.TRUSTED:
        words += ["--certificate", str(package.certificate).lower()]
    named = {"--name": package.name, "--invocation-name": package.invocation_name}
    words += [word for option, value in named.items() if value for word in (option, value)]
    if package.locales != LOCALES:
        words += [word for locale in package.locales for word in ("--locale", locale)]
    words += ["--privacy", package.privacy] if package.privacy else []
    words += ["--write", str(folder)] if folder != skill_folder() else []
    return shlex.join(words)


def _do(options: Options, config: Config) -> None:
    url = options.url or (f"{config.base_url}{PATH}" if config.url else "")
    if not url:
        raise UsageError(f"where is the webhook? Give --url https://your.host{PATH}, or set SCIATICA_URL")
    folder = options.write
    try:
        package = _package(options, url, config)
        written = write(folder, package)
    except (FolderError, ValueError) as wrong:
        raise UsageError(f"the skill package cannot be written: {wrong}") from None
    except OSError as wrong:
        raise UsageError(f"{wrong.filename} cannot be written: {wrong.strerror}") from None
    for path in written:
        edited = path.name.startswith(KEPT)
        tell(f"{path}: what skill.json held until now; carry your edits over" if edited else str(path))
    for line in _next(package, folder):
        tell(line)


def _package(options: Options, url: str, config: Config) -> Package:
    endpoint = Endpoint.parse(url)
    if not endpoint.host and options.certificate != "trusted":
        raise ValueError("a function has no --certificate of its own")
    elsewhere = f"{config.base_url}{PRIVACY_PATH}" if config.url and not endpoint.host else ""
    return Package(
        endpoint,
        _CERTIFICATES[options.certificate],
        options.name,
        options.invocation_name,
        tuple(each for each in LOCALES if each in (options.locale or LOCALES)),
        options.privacy or elsewhere,
    )


def _next(package: Package, folder: Path) -> list[str]:
    """What to do next, in order: each command on a line of its own."""
    here = folder.resolve() == Path.cwd()
    opens = next(iter(package.pages.values())).invocation_name
    return [
        "",
        f"Alexa will ask {package.endpoint.uri}.",
        *_gaps(package),
        "Next, with an Amazon developer account (free) and Node.js:",
        "",
        *([] if here else [f"    cd {shlex.quote(str(folder))}"]),
        *(f"    {command}" for command in _deploying(package, folder)),
        "",
        *(_BELONGS if package.endpoint.host else []),
        f'Then say to an Echo of the same account: "Alexa, open {opens}". Without an Echo:',
        "",
        f"    ask dialog --locale {package.locales[0]}",
    ]


def _deploying(package: Package, folder: Path) -> list[str]:
    """The commands that deploy. A function's skill is there before it: ask-cli is told its id, once."""
    *before, deploy = DEPLOY
    known = package.endpoint.host or (folder / ".ask/ask-states.json").exists()
    return [*before, *([] if known else STATES), deploy]


def _gaps(package: Package) -> list[str]:
    """What the package leaves open."""
    allowed = "The function must let your skill in before it is deployed: docs/hosting-aws.md says how."
    policy = "The skill store wants a privacy policy: give --privacy before you publish the skill."
    return [*([] if package.endpoint.host else [allowed]), *([] if package.privacy_url else [policy])]
