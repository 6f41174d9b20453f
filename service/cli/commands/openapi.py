"""`tweet-embed openapi`: the description of the REST interface."""

import json

from service.cli.support.flags import OutputFile
from service.cli.support.io import write_data


def openapi(out: OutputFile = "-") -> None:
    """Write the OpenAPI 3.1 description of the REST interface, for generators of clients."""
    from service.api import create_app
    from service.settings import Settings

    text = json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=1)
    write_data(text.encode() + b"\n", out)
