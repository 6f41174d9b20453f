"""`tweet-embed config`: the settings as they count, secrets hidden."""

import json as json_
import os
from typing import Annotated

import typer

from service.cli.support.io import stop
from service.exit_codes import USAGE
from service.settings import Settings, SettingsError

config = typer.Typer(name="config", no_args_is_help=True, help="Look at the settings.")


@config.callback()
def _callback() -> None:
    """Look at the settings."""


@config.command()
def show(
    *,
    json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Write every setting as it counts now, one a line; of keys only how many there are."""
    try:
        shown = Settings.from_env(os.environ).shown()
    except SettingsError as error:
        stop(USAGE, str(error))
    typer.echo(
        json_.dumps(shown)
        if json
        else "\n".join(f"{name}={value}" for name, value in shown.items()),
    )
