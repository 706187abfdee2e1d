"""Every family of intents."""

from skill.intents import lifecycle, navigation, playback, safety, settings
from skill.intents.family import Family

FAMILIES: tuple[Family, ...] = (
    lifecycle.FAMILY,
    playback.FAMILY,
    navigation.FAMILY,
    settings.FAMILY,
    safety.FAMILY,
)


def intents() -> Family:
    """Every intent, and what makes its event."""
    return {name: to_event for family in FAMILIES for name, to_event in family.items()}
