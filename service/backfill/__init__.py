"""Whole archives: every article of a file, a folder or an export through the resolver, and never a
broken archive (docs/interface.md 8).

1. `sources/files.py` says which documents there are, a layout (`jsonl.py`, `csv.py`, `folder.py`,
   `wxr.py`, `ghost.py`) where in the bytes of a document its articles stand;
2. `steps/scan.py` finds those with tweets or links, `steps/resolve_articles.py` resolves each and
   keeps what came out in the checkpoint (`safety/checkpoint.py`);
3. `steps/write_files.py` copies a document with the changed articles in place of the old ones, into
   a new file that takes the old one's name whole (`safety/atomic_files.py`), after the originals
   went to the backup (`safety/backup.py`).

Nothing but the checkpoint is changed before the third step, and that one can begin anew at any
time: what it writes is decided.
"""
