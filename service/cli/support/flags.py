"""Arguments that several commands share: files, formats, and the flags of the commands that write
embeds, one for each option of REST (docs/interface.md 6).
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Literal, ParamSpec, TypeVar

import typer

from service.core.article import DEFAULT, Options
from service.core.model import Format
from service.core.vocabulary import HANDLE, LANGUAGES

InputFile = Annotated[
    str, typer.Argument(metavar="FILE|-", help="The article, in UTF-8; - is standard input.")
]
InputFormat = Annotated[
    str,
    typer.Option(
        "--format",
        help="How it is written: auto, html, text or markdown.",
        autocompletion=lambda: ["auto", *Format],
    ),
]
OutputFile = Annotated[
    str,
    typer.Option(
        "-o",
        "--out",
        metavar="FILE",
        help="Where to write; the file is replaced whole or not at all.",
    ),
]
"""What several commands take."""


def read_handle(text: str | None) -> str | None:
    """Return a handle without its @. Raises `typer.BadParameter` for what is none."""
    handle = text and text.strip().removeprefix("@")
    if handle and HANDLE.fullmatch(handle) is None:
        message = f"{text!r} is no handle: letters, digits and _, at most 20"
        raise typer.BadParameter(message)
    return handle


P = ParamSpec("P")
R = TypeVar("R")


def _read_language(code: str | None) -> str | None:
    if code is not None and code not in LANGUAGES:
        message = f"{code!r} is not one of {', '.join(sorted(LANGUAGES))}"
        raise typer.BadParameter(message)
    return code


_FLAGS: dict[str, Any] = {
    "render": Annotated[
        Literal["blockquote", "consent", "amp", "link"],
        typer.Option(
            help=(
                "What stands for a tweet: X's own markup, the same behind a button, AMP's element,"
                " or a link."
            ),
        ),
    ],
    "intact": Annotated[
        Literal["keep", "renew"],
        typer.Option(
            help=(
                "A blockquote that is already as it should be stays byte for byte, or is written"
                " anew."
            ),
        ),
    ],
    "script": Annotated[
        Literal["keep", "none", "once"],
        typer.Option(help="X's scripts in the article stay, go, or become one at its end."),
    ],
    "links": Annotated[
        Literal["expand", "href", "keep"],
        typer.Option(help="Short links become their targets: all, those in href alone, or none."),
    ],
    "strip_tracking": Annotated[
        bool,
        typer.Option(help="Take utm_source and the like out of the targets of short links."),
    ],
    "gone": Annotated[
        Literal["keep", "tombstone", "remove"],
        typer.Option(
            help="A tweet that is gone: its words stay, a notice stands for it, or nothing.",
        ),
    ],
    "unidentified": Annotated[
        Literal["keep", "quote"],
        typer.Option(
            help="A flattened tweet that is not proved stays, or becomes a plain quotation.",
        ),
    ],
    "theme": Annotated[Literal["light", "dark"] | None, typer.Option(help="The colours.")],
    "lang": Annotated[
        str | None,
        typer.Option(
            help="The language of X's own words: one of its 34 codes.",
            callback=_read_language,
            metavar="CODE",
            autocompletion=lambda: sorted(LANGUAGES),
        ),
    ],
    "dnt": Annotated[bool, typer.Option(help="Ask X not to track readers.")],
    "align": Annotated[
        Literal["left", "center", "right"] | None,
        typer.Option(help="Where embeds float."),
    ],
    "max_width": Annotated[
        int | None,
        typer.Option(min=220, max=550, help="Their greatest width in pixels."),
    ],
    "hide_media": Annotated[bool, typer.Option("--hide-media", help="Without pictures and cards.")],
    "hide_thread": Annotated[
        bool,
        typer.Option("--hide-thread", help="Without the tweet that it answers."),
    ],
}


def with_options(command: Callable[P, R]) -> Callable[..., R]:
    """Return a command every option flag; it gets them as its keyword `options`."""

    @wraps(command)
    def run(*args: Any, **given: Any) -> R:  # noqa: ANN401 - typer's arguments, passed on
        given["options"] = Options(**{name: given.pop(name) for name in _FLAGS})
        return command(*args, **given)

    own = [one for name, one in inspect.signature(command).parameters.items() if name != "options"]
    flags = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=getattr(DEFAULT, name),
            annotation=kind,
        )
        for name, kind in _FLAGS.items()
    ]
    # where typer looks
    run.__signature__ = inspect.Signature([*own, *flags])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in (*own, *flags)}
    return run
