"""What is read of an article, and what is found there: all of it, or only the passages in which it
could speak of a tweet.
"""

from collections.abc import Callable, Collection, Sequence

from service.core.article import Options
from service.core.detect import detect_normalized
from service.core.detect.format_sniffing import is_json, sniff_format
from service.core.detect.sections import read_passages_around_sections
from service.core.detect.templates import cuts_caption, read_template_code
from service.core.html.newlines import Newlines
from service.core.mentions import ArticleDetection, Range
from service.core.model import Format
from service.core.rewrite.widget_script import scripts_stay

ReadPassages = Callable[[str, Collection[int]], Sequence[Range] | None]
"""Returns the passages of an HTML article; see `read_passages_around_sections`."""


def look_for_passages(
    content: str,
    written_in: Format | None,
    options: Options,
    further: Collection[int] = (),
    read: ReadPassages = read_passages_around_sections,
) -> tuple[Format, Sequence[Range]]:
    """Return the format of an article, and its passages; `further` are places of attributions whose
    words begin in elements before their own. JSON that nobody calls something else has none. `read`
    is what reads HTML.
    """
    if written_in is None and is_json(content):
        return Format.TEXT, []
    form = written_in or sniff_format(Newlines(content).text)
    if form is Format.HTML and scripts_stay(content, options):
        passages = read(content, further)
        if not passages:
            return form, [(0, len(content))] if passages is None else passages
        if not (read_template_code(content) or cuts_caption(content, passages)):
            return form, passages
    return form, [(0, len(content))]


def read_article(content: str, written_in: Format | None, options: Options) -> ArticleDetection:
    """Find what an article mentions, passage by passage."""
    form, places = look_for_passages(content, written_in, options)
    return ArticleDetection(
        form,
        tuple(
            ((start, end), detect_normalized(Newlines(content[start:end]).text, form))
            for start, end in places
        ),
    )
