"""Where the ids of tweets come from that an article names by author and day alone.

A source is asked with a clue (`clue.py`) and names candidate ids (`source.py`). It proves nothing:
whether a candidate is the quoted tweet is decided by `core` from X's own answer for it.
"""
