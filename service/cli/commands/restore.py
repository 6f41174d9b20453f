"""`tweet-embed restore`: the originals of a backup back in their places."""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.support.guarded import exit_codes_for
from service.cli.support.io import printable
from service.exit_codes import FAILED

if TYPE_CHECKING:
    from service.backfill.plan import Stop
    from service.backfill.steps.restore_files import RestoreResult

_MOST_LINES = 20


def restore(
    backup: Annotated[
        Path, typer.Argument(metavar="BACKUP", help="The backup that backfill wrote.")
    ],
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="The file, folder or database that it changed."),
    ],
    *,
    field: Annotated[
        str | None,
        typer.Option(
            help="Member, column or element with the content, as for backfill.",
            show_default=False,
        ),
    ] = None,
    id_field: Annotated[
        str,
        typer.Option(help="Member or column with the article's id, as for backfill."),
    ] = "id",
) -> None:
    """Bring every original back, byte for byte, except where somebody has edited since. It can be
    run again.

    Exit codes: 0 all is as it was, 1 something was left alone, 2 usage, 4 the disk failed, 130 and
    143 interrupted.
    """
    from service.backfill.archive_errors import UsageError
    from service.backfill.job import is_database
    from service.backfill.safety.atomic_files import lock_below
    from service.backfill.sources.files import FileSource
    from service.backfill.steps.restore_files import Restorer

    with exit_codes_for() as signals:
        if not backup.is_file():
            message = f"{backup}: no such file"
            raise UsageError(message)
        if is_database(source):
            done = _restored_database(backup, source, signals)
        elif source == "-" or not Path(source).exists():
            message = f"{source}: no file or folder"
            raise UsageError(message)
        else:
            locked = lock_below(Path(source).resolve())
            opened = FileSource(
                source, field, id_field, io.BytesIO(), in_place=True, check=signals.check
            )
            try:
                done = Restorer(backup, opened, signals)()
            finally:
                opened.close()
                for each in locked:
                    os.close(each)
        for line in done.refused[:_MOST_LINES]:
            typer.echo(printable(line), err=True)
        if len(done.refused) > _MOST_LINES:
            typer.echo(f"… and {len(done.refused) - _MOST_LINES} more", err=True)
        if done.hint:
            typer.echo(printable(done.hint), err=True)
        typer.echo(
            f"{done.restored:,} restored, {done.already:,} were as before, {len(done.refused):,}"
            " left alone",
            err=True,
        )
        raise typer.Exit(FAILED if done.refused else 0)


def _restored_database(backup: Path, address: str, signals: "Stop") -> "RestoreResult":
    from service.backfill.archive_errors import UsageError
    from service.backfill.job import DATABASE_EXTRA

    try:
        from service.backfill.database.restore_rows import DatabaseRestorer
    except ImportError:
        raise UsageError(DATABASE_EXTRA) from None
    return DatabaseRestorer(backup, address, signals)()
