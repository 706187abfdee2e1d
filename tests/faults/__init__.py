"""What may go wrong around a turn, and the real servers that it goes wrong in."""
