"""The REST interface. `create_app` makes the application for uvicorn, or for a test; it is imported
when it is asked for, since the process for long bodies needs no web framework.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from service.api.application import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - PEP 562
    """Import `create_app` late."""
    if name == "create_app":
        from service.api.application import create_app

        return create_app
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
