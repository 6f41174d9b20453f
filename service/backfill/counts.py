"""Counts as an operator reads them: `1 article`, `2,000 articles`."""


def number(count: int) -> str:
    """Write a count with its thousands apart."""
    return f"{count:,}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """Write a count and what is counted."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"
