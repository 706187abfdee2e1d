"""What reads foreign bytes survives any: a minute of coverage-guided fuzzing for each target."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

LONGEST_S = 60
RUNS = 200_000
TARGETS = ("chains", "urls", "signatures", "records", "answers", "names")


@pytest.mark.long
@pytest.mark.skipif(
    find_spec("atheris") is None,
    reason="NOT FUZZED: atheris has wheels for Linux on x86_64 and Python <= 3.13 only",
)
@pytest.mark.parametrize("target", TARGETS)
def test_no_bytes_crash(target: str, tmp_path: Path) -> None:
    corpus, found = tmp_path / "corpus", tmp_path / "found"
    corpus.mkdir()
    found.mkdir()
    limits = [f"-runs={RUNS}", f"-max_total_time={LONGEST_S}", "-max_len=8192", f"-artifact_prefix={found}/"]
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.targets", target, corpus, *limits],
        capture_output=True,
        text=True,
        timeout=LONGEST_S + 120,
        check=False,
    )
    crashes = {each.name: each.read_bytes()[:2_000] for each in found.iterdir()}
    assert (run.returncode, crashes) == (0, {}), run.stderr[-4_000:]
    done = re.search(r"Done (\d+) runs in (\d+) second", run.stderr)
    assert done, run.stderr[-4_000:]
    assert int(done[1]) > 1_000
    covered = re.findall(r"cov: (\d+)", run.stderr)
    print(f"\n{target}: {done[1]} runs in {done[2]} s, {covered[-1]} places covered")
