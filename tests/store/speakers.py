"""Who speaks to a store in its tests."""

from ask_sdk_model import Context, Person, RequestEnvelope, User
from ask_sdk_model.interfaces.system import SystemState

ANNA, BERT = "amzn1.ask.account.ANNA", "amzn1.ask.account.BERT"
VOICE, CHILD = "amzn1.ask.person.VOICE", "amzn1.ask.person.CHILD"


def speaks(account: str = ANNA, voice: str = "") -> RequestEnvelope:
    """Somebody speaks through an account, in a voice if Alexa knows it."""
    person = Person(person_id=voice) if voice else None
    system = SystemState(user=User(user_id=account) if account else None, person=person)
    return RequestEnvelope(context=Context(system=system))
