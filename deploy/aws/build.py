"""Build the package for AWS Lambda: `python deploy/aws/build.py`.

dist/lambda is what the function finds in its folder, dist/lambda-<hash>.zip the same for S3. The same sources
give the same bytes: what is installed is pinned with hashes and made for Lambda's Linux, whatever this
machine runs. Where there is a Python of the function's version, it compiles everything: Lambda
keeps nothing that it compiles itself, and an instance takes twice as long to start.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DIST = ROOT / "dist"
FOLDER = DIST / "lambda"
LOCK = Path(__file__).parent / "requirements.lock"
PYTHON, MACHINE = "3.13", "aarch64"
"""The template's Runtime and Architectures."""
MOST_BYTES = 250 * 1024 * 1024
"""Lambda takes no more, unpacked."""
GLIBC = (17, 28, 34)
"""Of what wheels ask for; Amazon Linux 2023, under Python 3.12 and newer, has 2.34."""
PIP_NOTES = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""What pip notes of this machine."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""A zip file knows no earlier time."""


def install() -> None:
    """Fill the folder: the pinned dependencies, and the coach."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    platforms = [f"--platform=manylinux_2_{minor}_{MACHINE}" for minor in GLIBC]
    target = ["--target", FOLDER, "--implementation", "cp", "--python-version", PYTHON, "--only-binary=:all:"]
    _pip("install", "--no-compile", "--no-deps", "--require-hashes", *target, *platforms, "-r", LOCK)
    wheels = DIST / "wheel"
    shutil.rmtree(wheels, ignore_errors=True)
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, ROOT)
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        wheel.extractall(FOLDER)
    shutil.rmtree(wheels)
    shutil.rmtree(FOLDER / "bin", ignore_errors=True)
    for path in FOLDER.glob("*.dist-info/*"):
        if path.name in PIP_NOTES:
            path.unlink()


def compile_all() -> bool:
    """Compile for that version; returns whether it could be done."""
    compiler = shutil.which(f"python{PYTHON}")
    # pyenv puts the name of every Python it has into the PATH; those that are not chosen do not run.
    if not compiler or subprocess.run([compiler, "--version"], capture_output=True).returncode:  # noqa: S603
        return False
    paths = ["-s", str(FOLDER), "-p", "/var/task", "--invalidation-mode", "unchecked-hash"]
    command = [compiler, "-W", "ignore", "-m", "compileall", "-q", *paths, str(FOLDER)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S603
    return True


def zipped() -> Path:
    """The folder as a zip file, named by what is in it."""
    draft = DIST / "lambda.zip"
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as file:
        for path in files():
            entry = zipfile.ZipInfo(path.relative_to(FOLDER).as_posix(), EPOCH)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            file.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    digest = hashlib.sha256(draft.read_bytes()).hexdigest()
    for old in DIST.glob("lambda-*.zip"):
        old.unlink()
    return draft.rename(DIST / f"lambda-{digest[:12]}.zip")


def files() -> list[Path]:
    """Every file in the folder, in an order of its own."""
    return sorted(path for path in FOLDER.rglob("*") if path.is_file())


def _pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, *arguments], check=True)  # noqa: S603


def main() -> None:
    """Build it, and say how big it is."""
    install()
    if not compile_all():
        sys.stderr.write(f"There is no python{PYTHON} here: an instance will take longer to start\n")
    size = sum(path.stat().st_size for path in files())
    if size > MOST_BYTES:
        sys.exit(f"{FOLDER} has {size:,} bytes; Lambda takes {MOST_BYTES:,}")
    built = zipped()
    mb, unpacked_mb = built.stat().st_size / 1e6, size / 1e6
    sys.stdout.write(f"{built.relative_to(ROOT)}: {mb:.1f} MB, unpacked {unpacked_mb:.1f} MB\n")


if __name__ == "__main__":
    main()
