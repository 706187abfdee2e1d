"""The device a request comes from, and what its speech is like."""

from hashlib import blake2b

from ask_sdk_model import RequestEnvelope

from skill.routine.units import DurationMs

SPEAKER_DEVICE = "sciatica-coach-speaker"
"""What our own speaker calls itself; it starts to speak at once."""

LATE_MS = "late_ms"
"""The session attribute in which our own speaker tells how late it is, and the most that is believed."""
MOST_LATE_MS = 120_000

ECHO_DELAY = DurationMs(1_150)
"""From the moment an answer leaves us until an Echo speaks it: 0.3 to 2 s."""


def device_key(envelope: RequestEnvelope) -> str:
    """Device and locale, as a voice goes with both."""
    name = f"{_name_of(envelope)} {envelope.request.locale}"
    return blake2b(name.encode(), digest_size=6).hexdigest()


def delay_of(envelope: RequestEnvelope) -> DurationMs:
    """From the moment an answer leaves us until the device speaks it."""
    return DurationMs(0) if is_own_speaker(envelope) else ECHO_DELAY


def late_ms(envelope: RequestEnvelope) -> int:
    """What our own speaker says of how late it is; see Moment.late_ms."""
    if not is_own_speaker(envelope):
        return 0
    late = ((envelope.session and envelope.session.attributes) or {}).get(LATE_MS, 0)
    return min(max(late, -MOST_LATE_MS), MOST_LATE_MS) if isinstance(late, int) else 0


def is_own_speaker(envelope: RequestEnvelope) -> bool:
    """Whether it is our own speaker that asks."""
    return bool(_name_of(envelope).startswith(SPEAKER_DEVICE))


def _name_of(envelope: RequestEnvelope) -> str:
    system = envelope.context.system if envelope.context else None
    return str(system.device.device_id) if system and system.device else ""
