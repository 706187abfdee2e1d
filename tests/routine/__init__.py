"""Tests of skill.routine."""
