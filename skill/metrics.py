"""What is counted, in Prometheus' default registry. Counts tell of no person."""

from prometheus_client import Counter

REFUSED = Counter("sciatica_refused_requests", "Requests to the skill that were refused.", ["reason"])
"""reason: a Refusal."""

REPLAYED = Counter("sciatica_replayed_requests", "Requests that came again and got their first answer.")

STORE_FAILURES = Counter("sciatica_store_failures", "Calls of the store that failed.", ["call", "reason"])
"""call: load, save, delete or ping. reason: the kind of the error, timeout, or resting."""

CONFLICTS = Counter("sciatica_store_conflicts", "Turns begun again as another was saved meanwhile.")
