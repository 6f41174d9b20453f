"""Everything that the service raises, as one tree. What X has not got is no error but a value.

TweetEmbedError
├── UpstreamError              X could not be asked, or answered nonsense
│   └── UnsafeError            or what it answered is not let through by the allow-list
├── DeferredError              no answer within this caller's patience
├── NotInMemoryError           a passage cannot be resolved without waiting
├── SettingsError              the settings do not allow a start
│   └── RecordedError          a folder of recorded answers cannot be used
├── BadValueError              what stands in one of them cannot be read
├── StorePathError             no store may be where the settings say
│   └── ForeignStoreError      what is there is somebody else's
├── StoreWriteError            a change could not be written now
├── LeftAloneError             a candidate source rests, and is not asked now
├── LedgerError                what a question may cost could not be set aside
├── NameRefusedError           a host has no address that may be asked
├── NoEmbedError               there is nothing to show at an address (`api/routes`)
├── ProblemError               a request that ends with a problem document
├── ProcessLostError           the process that worked on a long body has ended
├── ClientGoneError            the caller of a request has left
├── StoppedError               a signal ended a command
└── BackfillError              see `service/backfill/archive_errors.py`
"""

from service.core.model import Reason

MAX_RETRY_AFTER_S = 3600.0
"""The longest that a host may make us wait, in seconds."""


class TweetEmbedError(Exception):
    """Something went wrong in a way that the service knows."""


class UpstreamError(TweetEmbedError):
    """X could not be asked, or did not answer sensibly: ask again later.

    `retry_after_s` is when, in seconds, if X said so; at most an hour is believed.
    """

    def __init__(self, reason: Reason, retry_after_s: float | None = None) -> None:
        """Keep why, and when to ask again."""
        super().__init__(reason.value)
        self.reason = reason
        self.retry_after_s = (
            None if retry_after_s is None else min(retry_after_s, MAX_RETRY_AFTER_S)
        )
