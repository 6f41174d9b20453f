"""`tweet-embed healthcheck`: asks the service whether it lives. What the container's HEALTHCHECK
runs.
"""

import http.client
import os
from http import HTTPStatus

from service.cli.support.io import stop
from service.cli.support.loopback import ask
from service.exit_codes import FAILED, USAGE
from service.settings import Settings, SettingsError

WAIT_S = 3.0


def healthcheck() -> None:
    """Ask /livez at the configured host and port: exit 0 if the service answers, 1 if not."""
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        stop(USAGE, str(error))
    try:
        status, _ = ask(settings.host, settings.port, "GET", "/livez", timeout_s=WAIT_S)
    except (OSError, http.client.HTTPException) as error:
        stop(FAILED, f"no answer at {settings.host}:{settings.port}: {error}")
    if status != HTTPStatus.OK:
        stop(FAILED, f"{settings.host}:{settings.port} answers {status}")
