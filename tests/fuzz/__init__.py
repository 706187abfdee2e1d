"""Targets for atheris: what reads bytes that others wrote."""
