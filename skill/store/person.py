"""Whose record it is: the voice that Alexa recognised, else the account."""

from ask_sdk_model import RequestEnvelope


def person_key(envelope: RequestEnvelope) -> str:
    """The key of the person who speaks: a voice profile if Alexa gives one, else the user.

    Raises ValueError where the request names neither.
    """
    system = envelope.context.system if envelope.context else None
    person = system.person if system else None
    if person and person.person_id:
        return str(person.person_id)
    user = (system.user if system else None) or (envelope.session.user if envelope.session else None)
    if user and user.user_id:
        return str(user.user_id)
    raise ValueError("the request names neither a person nor a user")
