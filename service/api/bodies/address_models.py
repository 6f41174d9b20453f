"""The bodies of the calls for addresses, and of the provider (docs/interface.md 6), as pydantic
models.
"""

from typing import Annotated, Literal

from pydantic import Field

from service.api.bodies.models import DeadlineMs, Embed, Link, RequestModel, ResponseModel

Address = Annotated[str, Field(max_length=2000)]
Addresses = Annotated[list[Address], Field(max_length=100)]


class EmbedOptionsRequest(RequestModel):
    """How the embeds of addresses are to be written."""

    render: Literal["blockquote", "consent", "amp", "link"] = "blockquote"
    gone: Literal["keep", "tombstone", "remove"] = "keep"


class EmbedsRequest(RequestModel):
    """Addresses of tweets, whose embeds are wanted."""

    urls: Addresses
    deadline_ms: DeadlineMs = None
    options: EmbedOptionsRequest = EmbedOptionsRequest()


class LinksRequest(RequestModel):
    """Addresses, whose targets are wanted."""

    urls: Addresses
    deadline_ms: DeadlineMs = None


class AddressEmbedsAnswer(ResponseModel):
    """An embed for each address, in order."""

    complete: bool
    embeds: list[Embed]


class AddressTargetsAnswer(ResponseModel):
    """A target for each address, in order."""

    complete: bool
    links: list[Link]


class OembedAnswer(ResponseModel):
    """An oEmbed 1.0 answer (https://oembed.com)."""

    version: Literal["1.0"]
    type: Literal["rich"]
    provider_name: Literal["X"]
    provider_url: str
    url: str | None = None
    title: str
    author_name: str | None = None
    author_url: str | None = None
    html: str
    width: int
    height: None
    cache_age: Annotated[int, Field(description="Seconds for which the answer holds.")]


class IframelyMedia(ResponseModel):
    """The size of an embed in Iframely's words."""

    max_width: Annotated[int, Field(alias="max-width")]


class IframelyLink(ResponseModel):
    """One way to show the tweet, in Iframely's shape."""

    rel: list[str]
    type: str
    html: str
    media: IframelyMedia


class IframelyLinks(ResponseModel):
    """The ways to show the tweet."""

    app: list[IframelyLink]
    thumbnail: list[IframelyLink]
    icon: list[IframelyLink]


class IframelyAnswer(ResponseModel):
    """A tweet in Iframely's grouped shape (https://iframely.com/docs/iframely-api)."""

    url: str | None
    rel: list[str]
    html: str
    meta: dict[str, str]
    links: IframelyLinks
    cache_age: int


class OembedRefusal(ResponseModel):
    """Why there is no embed. It has no `type`, which WordPress would take for an embed."""

    error: int
    message: str
