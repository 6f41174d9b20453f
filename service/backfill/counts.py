"""How counts and places are written for an operator: `1 article`, `2,000 articles`, `posts.jsonl,
line 7, id 12`.
"""


def number(count: int) -> str:
    """Write a count with its thousands apart."""
    return f"{count:,}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """Write a count and what is counted."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def place_of(file: str, unit: str, number: int, article_id: str | None) -> str:
    """Write where an article stands; `unit` is what the document is counted in (`line`), empty for
    a document that is one article, `rest` where reading it stopped.
    """
    place = {"": "", "rest": "stopped reading"}.get(unit, f"{unit} {number}")
    name = f"id {article_id}" if article_id is not None else ""
    return ", ".join(filter(None, (file, place, name)))
