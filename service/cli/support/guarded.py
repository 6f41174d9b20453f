"""How a command that works on an archive ends: every trouble is one line and an exit code
(docs/interface.md 8).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from service.cli.support.io import printable
from service.cli.support.io import stop as end
from service.exit_codes import FAILED, STOPPED, USAGE
from service.settings import SettingsError

if TYPE_CHECKING:
    from service.backfill.plan import Stop

_SIGNALLED = 128
_AGAIN = "run the same command again to go on"


@contextmanager
def exit_codes_for() -> Iterator["Stop"]:
    """Listen to signals meanwhile, and end the command with the right code whatever comes."""
    from service.backfill.archive_errors import GuardError, UnreadableError, UsageError
    from service.backfill.plan import Stop, StoppedError

    stop = Stop()
    try:
        with stop.listening():
            yield stop
    except (UsageError, SettingsError) as error:
        end(USAGE, "\n".join(map(printable, str(error).splitlines())))
    except UnreadableError as error:
        end(FAILED, printable(str(error)))
    except GuardError as error:
        end(STOPPED, printable(str(error)))
    except StoppedError as error:
        typer.echo(f"tweet-embed: stopped by {error}; nothing is half done: {_AGAIN}", err=True)
        raise typer.Exit(_SIGNALLED + error.number) from None
    except BrokenPipeError:
        raise typer.Exit(STOPPED) from None  # who read our output has seen enough
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        end(
            STOPPED,
            printable(
                f"{where}{error.strerror or error}; nothing is half written: see to it, then"
                f" {_AGAIN}",
            ),
        )
