"""The yardstick: a bare FastAPI app that reads the body of `POST /v1/resolve` into pydantic models
and writes it back from them.
"""

from fastapi import FastAPI
from pydantic import BaseModel


class Options(BaseModel):
    """As `POST /v1/resolve` takes it."""

    render: str = "blockquote"
    intact: str = "keep"
    script: str = "keep"
    links: str = "expand"
    strip_tracking: bool = True
    gone: str = "keep"
    unidentified: str = "keep"
    theme: str | None = None
    lang: str | None = None
    dnt: bool = True
    align: str | None = None
    max_width: int | None = None
    hide_media: bool = False
    hide_thread: bool = False


class Article(BaseModel):
    """As `POST /v1/resolve` takes it."""

    content: str
    format: str = "auto"
    output: str = "auto"
    deadline_ms: int = 3000
    options: Options = Options()


app = FastAPI()


@app.post("/echo")
async def echo(article: Article) -> Article:
    """Return back what came."""
    return article
