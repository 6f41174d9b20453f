"""The settings: environment variables `TWEET_EMBED_*` in, one frozen value out. No other module
knows a variable's name.

A setting that cannot be read stops the start with one line; so does a `TWEET_EMBED_*` name that is
not on the list, for a typing mistake would otherwise pass for a default.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NamedTuple, Self

from service.core.errors import TweetEmbedError, UpstreamError
from service.core.model import LinkState, LinkTarget, Reason, State, Tweet, UnavailableTweet
from service.setting_values import (
    SOURCES,
    BadValueError,
    hidden,
    read_contact,
    read_duration,
    read_endpoints,
    read_folder,
    read_ids,
    read_keys,
    read_listen_host,
    read_one_of,
    read_origins,
    read_place,
    read_rate,
    read_root_path,
    read_shorteners,
    read_sources,
    read_token,
    read_truth,
    read_whole,
    written,
)

PREFIX = "TWEET_EMBED_"

LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
LOG_FORMATS = ("text", "json")
MAX_CONCURRENCY = 100
"""Manners: no more connections to X than that, whatever is wished."""

SLOW_TO_PASS = frozenset({Reason.BLOCKED, Reason.NONSENSE, Reason.UNSAFE, Reason.SUSPECT})
"""Troubles that do not go by in half a minute; they are remembered ten times as long as the others.
"""

LOCAL_SOURCES = SOURCES[:3]
"""Those that contact nobody."""
IN_MEMORY = ":memory:"


_PASSWORD = re.compile(r"//[^/@]*@")


class SettingsError(TweetEmbedError, ValueError):
    """The settings do not allow a start. The message is a line a setting: the variable, its value,
    what is allowed.
    """


_SERVICE_LINK = re.compile(
    r"[A-Z0-9_]+_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?"
    r"|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)


def _is_service_link(name: str, value: str) -> bool:
    """Return whether Kubernetes made this variable, of a Service whose name begins with ours.

    https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
    """
    return _SERVICE_LINK.fullmatch(name) is not None or (
        name.endswith("_PORT") and re.match(r"(tcp|udp|sctp)://", value) is not None
    )


class Variable(NamedTuple):
    """One setting as an operator sees it; what docs and `config show` are made of."""

    name: str
    default: str
    meaning: str
    secret: bool


def _setting(
    default: str,
    read: Callable[[str], Any],
    meaning: str,
    *,
    secret: bool = False,
) -> Any:  # noqa: ANN401 - as dataclasses.field
    return field(
        default=read(default),
        repr=not secret,
        metadata={"default": default, "read": read, "meaning": meaning, "secret": secret},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, read and checked. `Settings()` holds the defaults; each field is
    `TWEET_EMBED_` and its name in capitals.

    Every `ttl_` is in seconds.
    """

    host: str = _setting("127.0.0.1", read_listen_host, "address the service listens at")
    port: int = _setting("8080", read_whole(0, 65535), "port it listens at; 0 is any free one")
    workers: int = _setting(
        "1",
        read_whole(1, 256),
        "server processes; each has its own memory, rate and connections, and all share the store"
        " on disk",
    )
    log_level: str = _setting(
        "info",
        read_one_of(*LOG_LEVELS),
        "least severity that is logged: " + ", ".join(LOG_LEVELS),
    )
    log_format: str = _setting(
        "text",
        read_one_of(*LOG_FORMATS),
        "form of a log line: text or json",
    )
    cache_path: str = _setting(
        ":memory:",
        read_place,
        "file of the store, shared by the workers of one machine; :memory: keeps nothing on disk",
    )
    cache_memory_mb: int = _setting(
        "64",
        read_whole(1, 65536),
        "memory for answers of X, in MiB, per process",
    )
    oembed_endpoints: tuple[str, ...] = _setting(
        "https://publish.x.com/oembed,https://publish.twitter.com/oembed",
        read_endpoints,
        "oEmbed endpoints of X, asked in this order; their hosts, t.co, the shorteners and the"
        " hosts of sources are the only ones ever contacted",
    )
    shorteners: tuple[str, ...] = _setting(
        "",
        read_shorteners,
        "hosts of link shorteners that are followed too where t.co leads to them, such as bit.ly;"
        " always over https",
    )
    canaries: tuple[str, ...] = _setting(
        "463440424141459456,20",
        read_ids,
        "ids of public tweets that are known to stand: a tweet counts as gone or protected only"
        " where the endpoint that says so shows tweets, and is asked for these if it has shown none"
        " for an hour",
    )
    upstream_rate: float = _setting(
        "20",
        read_rate,
        "requests per second to X, per process, after a burst of one second's worth; 0 is no limit",
    )
    upstream_concurrency: int = _setting(
        "10",
        read_whole(1, MAX_CONCURRENCY),
        "requests to X at the same time, per process",
    )
    deadline_ms: int = _setting(
        "3000",
        read_whole(0, 30000),
        "how long an article waits for X where it does not say, in milliseconds",
    )
    ttl_embedded: int = _setting("12h", read_duration, "how long a tweet's words are fresh")
    ttl_gone: int = _setting("1d", read_duration, "how long a 404 of X is believed")
    ttl_protected: int = _setting("6h", read_duration, "how long a 403 of X is believed")
    ttl_failed: int = _setting(
        "30s",
        read_duration,
        "how long after a failure X is left alone; ten times that if blocked or nonsense",
    )
    ttl_link: int = _setting(
        "30d",
        read_duration,
        "how long the target of a short link is fresh (resolved, unsafe, refused)",
    )
    ttl_dead: int = _setting("1d", read_duration, "how long a short link's 404 is believed")
    ttl_stale: int = _setting(
        "30d",
        read_duration,
        "how long after its time an answer is still served, at once, while it is renewed behind the"
        " answer or X cannot be asked",
    )
    api_keys: tuple[str, ...] = _setting(
        "",
        read_keys,
        "keys, one of which a caller must show; none: open to all",
        secret=True,
    )
    api_keys_file: Path | None = _setting(  # noqa: RUF009 - immutable
        "",
        read_folder,
        "file of further keys, a line NAME KEY [SCOPE] each; the scope is embed, resolve or admin;"
        " read again on SIGHUP",
    )
    api_rate: float = _setting(
        "0",
        read_rate,
        "requests per second a key may make, per process, after a burst of one second's worth; 0 is"
        " no limit",
    )
    cors_origins: tuple[str, ...] = _setting(
        "",
        read_origins,
        "origins of web pages that may call the service, separated by commas; * is any",
    )
    root_path: str = _setting(
        "",
        read_root_path,
        "path at which a proxy shows the service, which the proxy takes off",
    )
    access_log: bool = _setting(
        "false",
        read_truth,
        "whether each request is logged: true or false",
    )
    max_body_bytes: int = _setting(
        str(2 * 1024 * 1024),
        read_whole(1024, 1024**3),
        "largest request body, in bytes",
    )
    max_in_flight: int = _setting(
        "64",
        read_whole(1, 100_000),
        "requests at work at the same time, per process; a further one is answered from the cache"
        " or with 503",
    )
    read_timeout: int = _setting(
        "10",
        read_whole(1, 3600),
        "seconds that the head of a request may take to arrive; three times that for its body,"
        " and for which a caller may take nothing of its answer",
    )
    max_header_bytes: int = _setting(
        "32768",
        read_whole(1024, 1024**2),
        "longest head of a request, in bytes",
    )
    max_mentions: int = _setting(
        "200",
        read_whole(1, 100_000),
        "mentions resolved in one article; the rest is kept",
    )
    sources: tuple[str, ...] = _setting(
        ",".join(LOCAL_SOURCES),
        read_sources,
        "where the ids of tweets are looked for that nothing in their words leads to: none, or some"
        f" of {', '.join(SOURCES)}; the last three ask other hosts",
    )
    x_api_token: str = _setting(
        "",
        read_token,
        "bearer token for X's search; the source x_api wants it",
        secret=True,
    )
    x_api_budget: int = _setting(
        "1000",
        read_whole(0, 3_000_000),
        "posts a UTC day that X's search may return, of all processes; each is paid for",
    )
    contact: str = _setting(
        "",
        read_contact,
        "address at which the Internet Archive can reach you, told in the User-Agent; the sources"
        " snapshot and wayback want it",
    )
    recorded: Path | None = _setting(  # noqa: RUF009 - immutable
        "",
        read_folder,
        "folder of recorded answers, used instead of the network",
    )

    def __post_init__(self) -> None:
        """Refuse sources that lack what they want. Raises `SettingsError`, a line for each."""
        wanted = {"x_api": ("x_api_token",), "snapshot": ("contact",), "wayback": ("contact",)}
        wrong = [
            f"{PREFIX}{name.upper()}: is not set; the source {source} in {PREFIX}SOURCES wants it"
            for source in self.sources
            for name in wanted.get(source, ())
            if not getattr(self, name)
        ]
        remote = next((each for each in self.sources if each not in LOCAL_SOURCES), None)
        if remote is not None and self.cache_path == IN_MEMORY:
            wrong.append(
                f"{PREFIX}CACHE_PATH: {IN_MEMORY!r} is not allowed beside the source {remote};"
                " what it may cost is written down before it is asked, so it wants a file"
            )
        if wrong:
            raise SettingsError("\n".join(dict.fromkeys(wrong)))

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from an environment such as `os.environ`. An empty variable counts as
        not set.

        Raises `SettingsError` with a line for each variable that cannot be read or is not known.
        """
        known = {PREFIX + each.name.upper(): each for each in fields(cls)}
        values: dict[str, object] = {}
        wrong: list[str] = []
        for name in sorted(name for name in environ if name.upper().startswith(PREFIX)):
            if _is_service_link(name, environ[name]):
                continue
            if name not in known:
                nearest = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0)[0]
                wrong.append(f"{name}: no such setting; the nearest is {nearest}")
                continue
            text = environ[name].strip()
            if not text:
                continue
            setting = known[name]
            try:
                values[setting.name] = setting.metadata["read"](text)
            except BadValueError as error:
                shown = (
                    "the value given"
                    if setting.metadata["secret"]
                    else repr(_PASSWORD.sub("//***@", text))
                )
                wrong.append(f"{name}: {shown} is not allowed; allowed is {error}")
        if wrong:
            raise SettingsError("\n".join(wrong))
        # each value was read by its own field's reader
        return cls(**values)  # type: ignore[arg-type]

    def with_sources(self, text: str) -> Self:
        """Return the same settings with other sources, named as in TWEET_EMBED_SOURCES.

        Raises `SettingsError` for what is none, and where a source lacks what it wants.
        """
        try:
            return replace(self, sources=read_sources(text))
        except BadValueError as error:
            message = f"{text!r} is not allowed; allowed is {error}"
            raise SettingsError(message) from None

    def without_remote_sources(self) -> Self:
        """Return the same settings with those sources alone that contact nobody."""
        local = tuple(each for each in self.sources if each in LOCAL_SOURCES)
        return replace(self, sources=local)

    @classmethod
    def variables(cls) -> tuple[Variable, ...]:
        """Name, default and meaning of each, in order."""
        return tuple(
            Variable(
                PREFIX + each.name.upper(),
                *(each.metadata[part] for part in ("default", "meaning", "secret")),
            )
            for each in fields(cls)
        )

    def shown(self) -> dict[str, str]:
        """Write every setting as it counts now, by variable, so that `from_env` reads it again; of
        a secret one only how many there are.
        """
        return {
            variable.name: (hidden if variable.secret else written)(
                getattr(self, each.name), each.metadata["read"]
            )
            for variable, each in zip(self.variables(), fields(self), strict=True)
        }

    def tweet_lifetime(self, outcome: Tweet | UnavailableTweet | UpstreamError) -> float:
        """Seconds for which this answer to "what is this tweet?" is fresh."""
        if isinstance(outcome, UpstreamError):
            return self._trouble_lifetime(outcome)
        if isinstance(outcome, Tweet):
            return self.ttl_embedded
        return self.ttl_protected if outcome.state is State.PROTECTED else self.ttl_gone

    def link_lifetime(self, outcome: LinkTarget | UpstreamError) -> float:
        """Seconds for which this answer to "where does this link lead?" is fresh."""
        if isinstance(outcome, UpstreamError):
            return self._trouble_lifetime(outcome)
        return self.ttl_dead if outcome.state is LinkState.DEAD else self.ttl_link

    def _trouble_lifetime(self, trouble: UpstreamError) -> float:
        # Who is told when to ask again (by X, or by the breaker) need not be left alone for longer
        # than that.
        return self.ttl_failed * (
            10 if trouble.reason in SLOW_TO_PASS and trouble.retry_after_s is None else 1
        )
