"""What AWS Lambda imports, and nobody else does: it opens the store."""

import os

from skill.function import start

handler = start(os.environ)
"""What Lambda calls."""
