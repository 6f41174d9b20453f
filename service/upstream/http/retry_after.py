"""The `Retry-After` of an answer (RFC 9110 10.2.3)."""

import datetime as dt
import re
from email.utils import parsedate_to_datetime

from service.core.errors import MAX_RETRY_AFTER_S


def read_retry_after(value: str | None, now: float) -> float | None:
    """Read how many seconds a `Retry-After` asks for (RFC 9110 10.2.3: seconds or a date), at most
    an hour; None if it asks for none.
    """
    if value is None:
        return None
    if re.fullmatch(r"[0-9]{1,15}", value, re.ASCII) is not None:
        return min(float(value), MAX_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        wait_s = moment.timestamp() - now
    except (ValueError, OverflowError, OSError):  # no date, or one that no clock can hold
        return None
    return min(max(wait_s, 0.0), MAX_RETRY_AFTER_S)
