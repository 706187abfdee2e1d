"""What is counted, in Prometheus' default registry. Counts tell of no person."""

from prometheus_client import Counter, Gauge, Histogram, Info

from skill import __version__

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8)
"""Upper ends of what is counted together. A turn is to be answered within 2 s; Alexa waits for 8 s."""

BUILD = Info("sciatica_build", "What runs.")
BUILD.info({"version": __version__})

TURNS = Counter("sciatica_turns", "Turns that were answered.", ["intent", "outcome"])
"""intent: one of ours, or the type of the request, or safety, or other. outcome: a TurnOutcome."""

TURN_S = Histogram(
    "sciatica_turn_seconds", "From a request that has come in to its answer.", buckets=_SECONDS
)

IN_FLIGHT = Gauge("sciatica_turns_in_flight", "Requests to the skill that are being answered.")

STREAMS = Counter("sciatica_streams", "What became of streams on Alexa's devices.", ["change"])
"""change: begun, as they were told to play; or a StreamChange."""

REFUSED = Counter("sciatica_refused_requests", "Requests to the skill that were refused.", ["reason"])
"""reason: a Refusal."""

STORE_FAILURES = Counter("sciatica_store_failures", "Calls of the store that failed.", ["call", "reason"])
"""call: load, save, delete, history or ping. reason: the kind of the error, timeout, or resting."""

STORE_S = Histogram("sciatica_store_seconds", "Calls of the store.", ["call"], buckets=_SECONDS)

CONFLICTS = Counter("sciatica_store_conflicts", "Turns begun again as another was saved meanwhile.")
