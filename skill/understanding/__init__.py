"""Understanding: what a person said, as an intent and its slots, with no cloud."""
