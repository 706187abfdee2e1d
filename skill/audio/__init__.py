"""Recordings: voices, the clips they make, and the MP3s that are put together from them."""
