"""Tests of skill.render."""
