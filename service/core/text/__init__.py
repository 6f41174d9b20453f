"""Plain text: dates, attributions, characters, and a fast test for traces of tweets."""
