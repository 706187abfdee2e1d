"""`sciatica-coach check`: whether this host is ready, and how to mend what is not."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from skill.commands.checks.finding import Finding, Verdict
from skill.commands.checks.here import here
from skill.commands.checks.outside import outside
from skill.commands.checks.package import package
from skill.commands.command import Commands, Options, UsageError, add_command, tell
from skill.commands.setup import skill_folder
from skill.config import Config
from skill.intents.turn import utc_now
from skill.package.endpoint import PATH, Endpoint

_MARKS = {
    Verdict.WELL: ("\u2714", "green"),
    Verdict.WRONG: ("\u2718", "red"),
    Verdict.UNSURE: ("?", "yellow"),
}
_WIDTH = 12
_LONGEST = 500


def add(commands: Commands) -> None:
    """Add the command."""
    what = "check whether this host is ready, and say how to mend what is not"
    command = add_command(commands, "check", what, _do)
    where = f"look at https://host{PATH} from outside, and at nothing on this machine but the skill package"
    command.add_argument("--url", default="", metavar="URL", help=where)
    default = skill_folder()
    folder = f"the folder that setup wrote; default: {default}"
    command.add_argument("--package", type=Path, default=default, metavar="FOLDER", help=folder)
    command.add_argument("--json", action="store_true", help="print the findings as JSON")


def _do(options: Options, config: Config) -> None:
    console, findings = Console(highlight=False), []
    shown = console.is_terminal and not options.json
    with console.status("Looking ...") if shown else nullcontext():
        for finding in map(_plain, _looked(options, config)):
            findings.append(finding)
            if not options.json:
                _show(console, finding)
    if options.json:
        tell(json.dumps([asdict(finding) for finding in findings], indent=1, ensure_ascii=False))
    if any(each.verdict is Verdict.WRONG for each in findings):
        raise SystemExit(1)


def _looked(options: Options, config: Config) -> Iterator[Finding]:
    """What is found, as soon as it is."""
    endpoint = _endpoint(options.url or config.url)
    if not options.url:
        yield from here(config, utc_now)
    if endpoint:
        yield from outside(endpoint, options.package, config.skill_id, utc_now)
        return
    what = "SCIATICA_URL is not set: no recordings for Alexa's devices, no look from outside"
    yield Finding.wrong("address", what, "set SCIATICA_URL=https://your.host")
    yield package(options.package, None)


def _endpoint(url: str) -> Endpoint | None:
    """Where to look; None for nowhere."""
    if not url:
        return None
    try:
        endpoint = Endpoint.parse(url)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from None
    if not endpoint.host:
        raise UsageError(f"a function cannot be looked at from outside; allowed: --url https://host{PATH}")
    return endpoint


def _show(console: Console, finding: Finding) -> None:
    sign, colour = _MARKS[finding.verdict]
    line = f"{finding.what:<{_WIDTH}}{finding.found}"
    console.print(Text(sign, colour), line, markup=False, emoji=False, soft_wrap=True)
    if finding.mend:
        mend = f"  {'':<{_WIDTH}}\u2192 {finding.mend}"
        console.print(mend, markup=False, emoji=False, soft_wrap=True)


def _plain(finding: Finding) -> Finding:
    """`finding` on lines of its own: what another host says may hold anything."""
    return replace(finding, found=_line(finding.found), mend=_line(finding.mend))


def _line(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)[:_LONGEST]
