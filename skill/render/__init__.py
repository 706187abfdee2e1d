"""Renderers: a reply in, an output out."""
