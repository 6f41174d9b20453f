"""The REST interface. `create_app` makes the application for uvicorn, or for a test."""

from service.api.application import create_app

__all__ = ["create_app"]
