"""A tweet's parts written as HTML."""
