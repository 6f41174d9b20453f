"""What a Markdown article consists of: its blocks, and the quotes and list items around them."""

from dataclasses import dataclass, field
from enum import Enum, auto


class Kind(Enum):
    """What a block is."""

    TEXT = auto()
    HEADING = auto()
    TABLE = auto()
    CODE = auto()
    HTML = auto()


@dataclass(slots=True)
class Container:
    """A quote or a list item: where it stands, its mark included, the container around it (-1:
    none), and where its first block begins.
    """

    quote: bool
    start: int
    end: int
    parent: int
    indent: int = 0
    first: int = -1


@dataclass(slots=True)
class Block:
    """A leaf block: its lines as stretches of the source, trimmed where it is text, and the
    innermost container around it (-1: none). Lines of code, and of raw HTML in no container, are
    one stretch. `fenced` tells code between fences from indented code.
    """

    kind: Kind
    container: int
    lines: list[tuple[int, int]]
    fenced: bool = False

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.lines[0][0]

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.lines[-1][1]

    def end_at(self, place: int) -> None:
        """Let its last stretch go on to a place."""
        self.lines[-1] = self.lines[-1][0], place


@dataclass(slots=True)
class Outline:
    """The blocks and containers of an article, each in order. `is_cut` tells that it has more of
    them than are read.
    """

    blocks: list[Block] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    is_cut: bool = False
