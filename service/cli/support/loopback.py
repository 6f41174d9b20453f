"""One HTTP request to the service itself, on this machine.

The rule that only `upstream/` sends requests is about the outside: nothing else than a loopback
address is asked from here.
"""

import http.client

# where a service that listens everywhere is asked
_ANY = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def ask(
    host: str,
    port: int,
    method: str,
    path: str,
    body: bytes | None = None,
    *,
    timeout_s: float,
) -> tuple[int, bytes]:
    """Status and body of the answer. `host` is where the service listens. Raises `OSError` or
    `http.client.HTTPException`.
    """
    connection = http.client.HTTPConnection(_ANY.get(host, host), port, timeout=timeout_s)
    try:
        connection.request(
            method,
            path,
            body,
            {} if body is None else {"Content-Type": "application/json"},
        )
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
