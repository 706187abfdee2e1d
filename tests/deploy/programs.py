"""The real programs that the recipes are for."""

import os
import shutil

import pytest

SOUGHT = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


def program(name: str, package: str = "") -> str:
    """Its path. Where it is not installed the test is skipped, or fails under CI=true."""
    found = shutil.which(name, path=SOUGHT)
    if found:
        return found
    why = f"{name} is not installed, and nothing is known of its recipe: apt-get install {package or name}"
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)
