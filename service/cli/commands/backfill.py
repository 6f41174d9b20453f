"""`tweet-embed backfill`: a whole archive (docs/interface.md 8)."""

import datetime as dt
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer

from service.cli.commands.resolve import FORMATS
from service.cli.support.cache_file import taken_down
from service.cli.support.flags import with_options
from service.cli.support.guarded import exit_codes_for
from service.cli.support.io import diff_of, printable, stop
from service.cli.support.pipes import standard_input, standard_output
from service.cli.support.progress import Wish, progress
from service.core.article import DEFAULT, Options
from service.exit_codes import USAGE
from service.settings import MAX_CONCURRENCY, Settings, SettingsError

if TYPE_CHECKING:
    from service.backfill.plan import Plan, Shard
    from service.backfill.safety.candidate_notes import CandidateNotes
    from service.backfill.settle import Settle
    from service.backfill.workers.process_pool import ProcessPool

_WAITING = 25
"""Articles under way for each request to X, or for each processor."""
_RATE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(?:/s)?", re.ASCII)
_SHARD = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})", re.ASCII)


@with_options
def backfill(  # noqa: PLR0913 - the command has as many flags
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help=(
                "A .jsonl, .csv, .tsv (also .gz, .zst), WordPress .xml or Ghost .json file, a"
                " folder, -, or a database's address."
            ),
        ),
    ],
    *,
    to: Annotated[
        str | None,
        typer.Option(metavar="DEST", help="Write to another file or folder; - is standard output."),
    ] = None,
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place",
            help="Replace the source, file by file, each whole or not at all.",
        ),
    ] = False,
    written_as: Annotated[
        Literal["auto", "html", "text", "markdown"],
        typer.Option("--format", help="How the articles are written; auto tells from each."),
    ] = "auto",
    output: Annotated[
        Literal["auto", "html", "text"],
        typer.Option(help="How they come out; of .txt files auto is text."),
    ] = "auto",
    field: Annotated[
        str | None,
        typer.Option(
            help=(
                "Member, column or element with the content.  [default: content, or the export's"
                " own]"
            ),
        ),
    ] = None,
    id_field: Annotated[str, typer.Option(help="Member or column with the article's id.")] = "id",
    url_field: Annotated[
        str,
        typer.Option(help="Member or column with the article's address, for the source snapshot."),
    ] = "url",
    table: Annotated[
        str | None,
        typer.Option(help="Of a database: the table.", metavar="T"),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(help="Its column with the content.", metavar="C"),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="A column that tells its rows apart.  [default: the primary key]",
            metavar="K",
            show_default=False,
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            help=(
                "Only rows for which this SQL is true. It goes into the question as it is: write it"
                " yourself."
            ),
            metavar="SQL",
        ),
    ] = None,
    preset: Annotated[
        Literal["wordpress"] | None,
        typer.Option(
            help="Published posts and pages of a WordPress; stale oEmbed rows are cleared.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Write nothing; say what would change. So it is without --to and --in-place.",
        ),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Write nothing; show what would change."),
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit 3 if anything would change."),
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Only the first N articles; the rest stays as it is.",
            metavar="N",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            help=(
                "Only articles of this date or later: of their updated_at, modified, modified_at,"
                " published_at, published, date or created_at, the first one there; in an export of"
                " its own; in a folder the file's."
            ),
            metavar="YYYY-MM-DD",
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MAX_CONCURRENCY,
            help="Requests to X at the same time.",
            metavar="N",
            show_default=False,
        ),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(
            help="Requests to X a second; 0 is no limit.",
            metavar="N/s",
            show_default=False,
        ),
    ] = None,
    max_failures: Annotated[
        int,
        typer.Option(min=0, help="Stop after so many articles failed; 0 never stops.", metavar="N"),
    ] = 50,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Ask nothing; what is not remembered is left for later."),
    ] = False,
    state: Annotated[
        Path | None,
        typer.Option(help="The checkpoint.  [default: beside what is written]", metavar="FILE"),
    ] = None,
    restart: Annotated[
        bool,
        typer.Option("--restart", help="Forget the checkpoint, and overwrite DEST."),
    ] = False,
    backup: Annotated[
        Path | None,
        typer.Option(
            help="Where originals go before --in-place changes them.  [default: beside the source]",
            metavar="FILE.jsonl",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            help="A line of JSON for every article, and a summary; - is standard output.",
            metavar="FILE.jsonl",
        ),
    ] = None,
    report_html: Annotated[
        Path | None,
        typer.Option(
            help=(
                "A page to read and to print: figures, charts, samples, what is lost; - is standard"
                " output."
            ),
            metavar="FILE.html",
        ),
    ] = None,
    sources: Annotated[
        str | None,
        typer.Option(
            help="Where ids are looked for that nothing leads to, instead of TWEET_EMBED_SOURCES.",
            metavar="NAME,...",
        ),
    ] = None,
    shard: Annotated[str, typer.Option(help="Only the I-th of N parts.", metavar="I/N")] = "1/1",
    progress_wish: Annotated[
        Wish,
        typer.Option("--progress", help="A bar: on a terminal, always, never."),
    ] = "auto",
    options: Options = DEFAULT,
) -> None:
    """Resolve every article of an archive. Without --to or --in-place nothing is written.

    Stopped, or killed, at any moment: the same command goes on. Exit codes: 0 done, 1 done but some
    articles failed, 2 usage, 3 --check found changes, 4 stopped by a guard (failures, disk), 130
    and 143 interrupted.
    """
    from service.backfill.job import PIPE, BackfillJob, Selection
    from service.backfill.plan import Plan
    from service.backfill.workers.process_pool import ProcessPool

    settings = _settings(concurrency, rate, sources)
    workers = ProcessPool()
    plan = Plan(
        format=FORMATS[written_as],
        output=output,
        options=options,
        limit=limit,
        since=_day(since),
        shard=_shard(shard),
        concurrency=_WAITING * max(settings.upstream_concurrency, workers.count),
        max_failures=max_failures,
        offline=offline,
        sources=settings.sources,
        every=report is not None or report_html is not None,
    )
    job = BackfillJob(
        source=source,
        to=to,
        in_place=in_place,
        dry_run=dry_run or diff,
        check=check,
        content_field=field,
        id_field=id_field,
        url_field=url_field,
        selection=Selection(table, column, key, where, preset),
        state=state,
        restart=restart,
        backup=backup,
        report=report,
        report_html=report_html,
        plan=plan,
    )
    from service.backfill.garbage import collect_seldom
    from service.backfill.run import BackfillRun, RunContext
    from service.candidates.estimate import estimates

    spent: dict[str, int] = {}
    with progress(progress_wish) as shown, exit_codes_for() as signals:
        to_output = diff or PIPE in {to, str(report), str(report_html)}
        out = standard_output(signals.check, wanted=to_output)
        around = RunContext(
            resolver=_resolver(settings, workers, plan, spent),
            taken_down=partial(taken_down, settings),
            spent=spent,
            rate=settings.upstream_rate,
            stop=signals,
            progress=shown,
            pipe_in=standard_input(signals.check, wanted=source == PIPE),
            pipe_out=out,
            workers=workers,
            changed=partial(_show, out) if diff else None,
            estimate=partial(estimates, settings.sources, budget=settings.x_api_budget),
        )
        around.taken_down()  # a store that is none is told of before the work
        run = BackfillRun(job, around)
        collect_seldom()
        try:
            code = run()
        finally:
            run.close()
    raise typer.Exit(code)


def _resolver(
    settings: Settings,
    workers: "ProcessPool",
    plan: "Plan",
    spent: dict[str, int],
) -> Callable[["CandidateNotes"], AbstractAsyncContextManager["Settle"]]:
    """Put a resolver together when, and if, one is needed."""

    @asynccontextmanager
    async def resolver(notes: "CandidateNotes") -> AsyncIterator["Settle"]:
        from service.app import open_service
        from service.backfill.archive_errors import GuardError
        from service.backfill.workers.resolver_pool import pooled
        from service.cache.candidate_tables import add_candidates
        from service.cache.store import StoreWriteError
        from service.candidates.store_ledger import posts_of

        takes_out = plan.options.gone in {"tombstone", "remove"} and not plan.offline
        async with (
            open_service(settings) as parts,
            pooled(
                workers,
                parts.resolver,
                parts.links,
                parts.tweets,
                parts.candidates,
                max_mentions=settings.max_mentions,
                count=parts.metrics.embed,
            ) as resolve,
        ):
            if takes_out and not await parts.x.lives():
                message = (
                    "X's oEmbed endpoints show no tweet at all, not even the canaries"
                    f" ({', '.join(settings.canaries)}): what they call gone is not taken out;"
                    " see TWEET_EMBED_OEMBED_ENDPOINTS and TWEET_EMBED_CANARIES"
                )
                raise GuardError(message)
            parts.candidates.further.append(notes.known)
            if parts.store.on_disk:
                with suppress(StoreWriteError):  # the checkpoint has them, and is asked, too
                    for rows in notes.groups():
                        await parts.store.write_now(partial(add_candidates, rows=rows))
            before = posts_of(parts.store)
            try:
                yield resolve
            finally:
                if "x_api" in settings.sources:
                    spent["x_api"] = spent.get("x_api", 0) + posts_of(parts.store) - before

    return resolver


def _settings(concurrency: int | None, rate: str | None, sources: str | None) -> Settings:
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        stop(USAGE, str(error))
    try:
        settings = settings if sources is None else settings.with_sources(sources)
    except SettingsError as error:
        stop(USAGE, f"--sources: {error}")
    if concurrency is not None:
        settings = replace(settings, upstream_concurrency=concurrency)
    if rate is not None:
        match = _RATE.fullmatch(rate)
        if match is None:
            message = f"{rate!r} is no number of requests a second, such as 2/s"
            raise typer.BadParameter(message, param_hint="--rate")
        settings = replace(settings, upstream_rate=float(match[1]))
    return settings


def _shard(text: str) -> "Shard":
    from service.backfill.plan import Shard

    match = _SHARD.fullmatch(text)
    if match is None or int(match[1]) > int(match[2]):
        message = f"{text!r} is not I/N with I from 1 to N"
        raise typer.BadParameter(message, param_hint="--shard")
    return Shard(int(match[1]), int(match[2]))


def _day(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no date such as 2024-12-31"
        raise typer.BadParameter(message, param_hint="--since") from None


def _show(out: BinaryIO, name: str, before: str, after: str) -> None:
    """Write a unified diff."""
    out.write("".join(diff_of(before, after, printable(name))).encode())
    out.flush()
