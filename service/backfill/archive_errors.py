"""What can be wrong with a backfill. The message of each is one line for the operator.

BackfillError
├── UsageError             the command cannot begin: exit code 2
├── GuardError             going on would do harm; the same command goes on later: exit code 4
├── UnreadableError        a record, or a document, cannot be read; it is passed through
│   └── MissingFieldError  it has no member of the name that `--field` gives
├── EditedError            somebody changed the document meanwhile; it is left alone
├── RowRefusedError        the database refuses what is to be written
└── RowLockedError         a row, or a table, is locked for too long
"""

from service.core.errors import TweetEmbedError


class BackfillError(TweetEmbedError):
    """Something is wrong with an archive, or with what was asked of it."""


class UsageError(BackfillError):
    """The command cannot begin as it was given."""


class GuardError(BackfillError):
    """Going on would do harm or make no sense; the same command goes on later."""


class UnreadableError(BackfillError):
    """A record or a document cannot be read. It is told, and passed through as it is."""


class MissingFieldError(UnreadableError):
    """A record has no member of the name that `--field` gives."""


class EditedError(BackfillError):
    """Somebody changed the document meanwhile; it is left alone."""


class RowRefusedError(BackfillError):
    """The database will not have this content in this row. One line."""


class RowLockedError(BackfillError):
    """Somebody else has held a lock on the row, or the table, for too long. One line."""
