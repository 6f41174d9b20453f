"""Living databases: a column of a table as an archive, read and written while editors go on with
their work.

1. `connection.py` opens a database, `error_codes.py` says what its errors mean,
   `advisory_locks.py` lets one run at a time have it;
2. `column.py` finds, in the schema, the column that is meant, `wordpress.py` where WordPress keeps
   its own;
3. `rows.py` reads the column page by page, and replaces the content of a row if it is still what
   was read;
4. `archive.py` writes what was decided, original to the backup first; `restore_rows.py` is the way
   back.

Nothing of ours is kept in the database: what a row holds says whether it was changed yet, so a run
killed at any moment goes on.
"""
