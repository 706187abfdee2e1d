"""Tests of skill.content: what is said, and how a wrong file is refused."""
