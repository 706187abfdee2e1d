"""The routine: content, plan, timeline and playback, all pure. README.md states the rule."""
