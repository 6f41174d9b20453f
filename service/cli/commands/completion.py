"""`tweet-embed completion`: what a shell reads to complete the words of this command line."""

import os
from typing import Annotated, Literal

import typer

VARIABLE = "_TWEET_EMBED_COMPLETE"
"""By it a shell asks for completions, and one asks for its script: typer's own name for it."""


def completion(
    context: typer.Context,
    shell: Annotated[
        Literal["bash", "zsh", "fish"], typer.Argument(help="The shell that is to read it.")
    ],
) -> None:
    """Write the script by which a shell completes commands, flags and their values.

    In bash: source <(tweet-embed completion bash)
    """
    os.environ[VARIABLE] = f"source_{shell}"
    context.find_root().command.main([], prog_name="tweet-embed", complete_var=VARIABLE)
