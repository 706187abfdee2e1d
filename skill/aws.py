"""AWS Lambda: `skill.aws.handler` answers what Alexa's trigger hands over, which lets nobody else in."""

import os

from skill.config import Config
from skill.service import build_service

handler = build_service(Config.from_environment(os.environ)).builder.lambda_handler()
"""(event, context) to the response, both plain JSON. Made once, when an instance starts."""
