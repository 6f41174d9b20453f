"""The service as `tweet-embed serve` runs it, without parts that no setting switches off.

    python bench/serve_with.py PORT [--no-memos] [--no-metrics]

Every setting comes from the environment, as ever. It is a program of the benches: what stands
beside it is to show what a part costs.
"""

import argparse
import logging.config
import os
import sys
from functools import partial
from pathlib import Path

import uvicorn

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from service.api import create_app
from service.cli.commands.serve import server_options
from service.cli.support.logging import log_config
from service.core.model import State
from service.metrics import Metrics
from service.settings import Settings


class NoMetrics(Metrics):
    """Metrics that count nothing of what a request from memory does."""

    def http_began(self) -> None:
        """Count nothing."""

    def http_ended(self, route: str, status: int, seconds: float) -> None:
        """Count nothing."""

    def tweet_lookup(self, layer: str, result: str) -> None:
        """Count nothing."""

    def link_lookup(self, layer: str, result: str) -> None:
        """Count nothing."""

    def embed(self, state: State) -> None:
        """Count nothing."""


def main() -> None:
    """Serve until told to stop."""
    options = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    options.add_argument("port", type=int)
    options.add_argument("--no-memos", action="store_true")
    options.add_argument("--no-metrics", action="store_true")
    asked = options.parse_args()
    settings = Settings.from_env(os.environ)
    logging.config.dictConfig(log_config(settings))
    app = partial(
        create_app,
        metrics=NoMetrics() if asked.no_metrics else None,
        remembers_passages=not asked.no_memos,
    )
    uvicorn.run(app, factory=True, **server_options(settings) | {"port": asked.port})


if __name__ == "__main__":
    main()
