"""Whole archives: every article of a file, a folder or an export through the resolver, and never a
broken archive (contract, section 6).

1. `filesource.py` says which documents there are, a layout (`jsonl.py`, `tabular.py`, `folder.py`,
   `wxr.py`, `ghost.py`) where in the bytes of a document its articles stand;
2. `scan.py` finds those with tweets or links, `asking.py` resolves each and keeps what came out in
   the checkpoint (`state.py`);
3. `rewrite.py` copies a document with the changed articles in place of the old ones, into a new
   file that takes the old one's name whole (`files.py`), after the originals went to the backup
   (`backup.py`).

Nothing but the checkpoint is changed before the third step, and that one can begin anew at any
time: what it writes is decided.
"""
