"""What became of an article, as the checkpoint keeps it and the reports tell it, in JSON."""

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Self

from service.backfill.safety import kept_json


@dataclass(slots=True)
class ArticleOutcome:
    """What a scan found in an article and what became of it.

    Counts are by name of a form or state. `tweets` and `bad_links` are what `outcomes.py`
    makes of a result; `errors` are lines for the operator; `ms` is how long resolving took.
    """

    unit: str = ""
    """What `n` counts in its document: `line`, `record`, `item` …"""
    forms: dict[str, int] = field(default_factory=dict)
    note: str | None = None
    url: str | None = None
    """The article's public address, where a source of candidates may be asked for it."""
    embeds: dict[str, int] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)
    tweets: list[dict[str, Any]] = field(default_factory=list)
    bad_links: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    ms: float | None = None

    def to_json(self) -> str:
        """Write it; what is empty is left out."""
        filled = {name: value for name in _names() if (value := getattr(self, name))}
        return kept_json.write(filled)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote, or a version with other fields, which are passed over."""
        known = _names()
        return cls(**{name: value for name, value in kept_json.read(text).items() if name in known})


@cache
def _names() -> tuple[str, ...]:
    return tuple(each.name for each in fields(ArticleOutcome))
