"""Whose record it is: the voice that Alexa recognised, else the account."""

from ask_sdk_model import RequestEnvelope


def person_key(envelope: RequestEnvelope) -> str:
    """The key of the person who speaks: a voice profile if Alexa gives one, else the user.

    Raises ValueError where the request names neither.
    """
    key = whose(envelope)
    if not key:
        raise ValueError("the request names neither a person nor a user")
    return key


def whose(envelope: RequestEnvelope) -> str:
    """The same; "" where the request names neither."""
    return voice_key(envelope) or user_key(envelope)


def voice_key(envelope: RequestEnvelope) -> str:
    """The voice profile that Alexa recognised; "" where it recognised none."""
    person = envelope.context.system.person if envelope.context and envelope.context.system else None
    return str(person.person_id) if person and person.person_id else ""


def user_key(envelope: RequestEnvelope) -> str:
    """The account the person speaks through; "" where the request names none."""
    system = envelope.context.system if envelope.context else None
    user = (system.user if system else None) or (envelope.session.user if envelope.session else None)
    return str(user.user_id) if user and user.user_id else ""
