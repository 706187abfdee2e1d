"""The conversation, pure: (event, state, now) -> (new state, reply)."""
