"""Sciatica Coach: four stretches, led by voice, with exact holds."""

__version__ = "0.1.0"
