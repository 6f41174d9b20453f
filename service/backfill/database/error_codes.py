"""What the errors of the databases mean: by code, in the tables that their makers publish, never by
their words.

PostgreSQL: appendix A of its manual (SQLSTATE). MySQL and MariaDB: their lists of error codes.
SQLite: https://sqlite.org/rescode.html.
"""

from enum import Enum

from sqlalchemy.exc import DBAPIError

from service.backfill.archive_errors import GuardError

AGAIN = "run the same command again to go on"


class DatabaseFault(Enum):
    """What is to be done: ask again on a new connection; wait; ask the administrator; make room;
    leave this one row as it is.
    """

    LOST = "lost"
    LOCKED = "locked"
    DENIED = "denied"
    FULL = "full"
    REFUSED = "refused"


_POSTGRESQL = {
    **dict.fromkeys(
        ("08", "57P"),
        DatabaseFault.LOST,
    ),  # connection exception; the server goes down
    **dict.fromkeys(
        ("55P03", "40"),
        DatabaseFault.LOCKED,
    ),  # lock not available; deadlock, serialization
    **dict.fromkeys(
        ("42501", "25006"),
        DatabaseFault.DENIED,
    ),  # insufficient privilege, read-only transaction
    **dict.fromkeys(("53", "58"), DatabaseFault.FULL),  # insufficient resources, system error
    **dict.fromkeys(
        ("22", "23", "44", "P0001"),
        DatabaseFault.REFUSED,
    ),  # data exception, constraint, check option, a trigger's own
}
_MYSQL = {
    **dict.fromkeys(
        (1053, 1077, 1152, 1184, 1317, 1927, 2003, 2006, 2013, 2055, 3024),
        DatabaseFault.LOST,
    ),
    **dict.fromkeys((1205, 1206, 1213, 1015, 1099, 1100), DatabaseFault.LOCKED),
    **dict.fromkeys((1044, 1045, 1142, 1143, 1227, 1290, 1792, 1836), DatabaseFault.DENIED),
    **dict.fromkeys((3, 1021, 1023, 1026, 1030, 1037, 1041, 1114), DatabaseFault.FULL),
    **dict.fromkeys(
        (1153, 1264, 1265, 1366, 1406, 1644, 1048, 1062, 1452, 3819, 3988, 4025),
        DatabaseFault.REFUSED,
    ),
}
_SQLITE = {
    5: DatabaseFault.LOCKED,
    6: DatabaseFault.LOCKED,
    8: DatabaseFault.DENIED,
    10: DatabaseFault.FULL,
    13: DatabaseFault.FULL,
    14: DatabaseFault.DENIED,
    18: DatabaseFault.REFUSED,
    19: DatabaseFault.REFUSED,
}


def fault_of(error: DBAPIError) -> DatabaseFault | None:
    """Return what an error means; None for one of ours: a statement that is wrong."""
    if error.connection_invalidated:
        return DatabaseFault.LOST
    told = error.orig
    code = told.args[0] if told is not None and told.args else None
    if isinstance(code, int):  # MySQL's; its SQLSTATE says less
        return _MYSQL.get(code)
    number = getattr(told, "sqlite_errorcode", None)
    if isinstance(number, int):
        return _SQLITE.get(number & 0xFF)
    state = getattr(told, "sqlstate", None)
    if isinstance(state, str):
        return next((fault for code, fault in _POSTGRESQL.items() if state.startswith(code)), None)
    # psycopg has no state for a connection that broke off, or was never made.
    return (
        DatabaseFault.LOST
        if type(told).__name__ in {"OperationalError", "InterfaceError"}
        else None
    )


def said(error: DBAPIError) -> str:
    """Return the first line of what the database said; details, which may hold what articles
    say, are left out.
    """
    told = error.orig
    primary = getattr(getattr(told, "diag", None), "message_primary", None)
    if primary is None and told is not None and len(told.args) > 1:
        primary = told.args[1]
    return (str(primary or told).strip().splitlines() or ["no reason told"])[0]


def advice(error: DBAPIError) -> str:
    """Return what helps against a refusal, where that is known."""
    no_such_character, too_long, too_large = 1366, 1406, 1153
    code = error.orig.args[0] if error.orig is not None and error.orig.args else None
    known = {
        no_such_character: (
            "; its character set cannot hold an emoji or the like: convert the column to utf8mb4"
        ),
        too_long: "; make the column longer (MEDIUMTEXT)",
        too_large: "; raise max_allowed_packet",
    }
    return known.get(code, "") if isinstance(code, int) else ""


def locked_for(seconds: float) -> str:
    """Return what is wrong with a row or table that was waited for so long."""
    return f"locked by somebody else for over {seconds:g} s"


def stopped(error: DBAPIError, name: str, lock_wait_s: float) -> GuardError:
    """Return, in one line, why nothing more can be done with the column or database of that
    name, where a statement waits so many seconds for a lock.
    """
    told = f"{name}: {said(error)}"
    match fault_of(error):
        case DatabaseFault.LOCKED:
            return GuardError(f"{name}: {locked_for(lock_wait_s)}; {AGAIN}")
        case DatabaseFault.LOST:
            return GuardError(
                f"{told}: the connection was lost, and could not be made again; {AGAIN}",
            )
        case DatabaseFault.DENIED:
            return GuardError(f"{told}: ask for the right, then {AGAIN}")
        case DatabaseFault.FULL:
            return GuardError(f"{told}: see to it, then {AGAIN}")
    return GuardError(told)
