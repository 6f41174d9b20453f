"""What is wrong with what becomes of an article: words lost, something changed outside the spans,
an embed that is none, or another result the second time.
"""

import html
import re
from itertools import pairwise

from resolving import PATIENT_MS, Bench

from service.core.article import Article, Options, Result
from service.core.model import Format
from service.core.sanitize.sanitizer import classify

_SCRIPTS = re.compile(
    r"(?:<(?:p|div|figure)>\s*)*<script\b[^>]*widgets\.js[^<>]*>[^<]*(?:<(?!/script[\s/>])[^<]*)*"
    r"</script[^>]*>(?:\s*</(?:p|div|figure)>)*"
    r"|<!-- wp:html -->\s*<script\b[^<>]*widgets\.js[^<>]*></script>\s*<!-- /wp:html -->"
)
_VALUE = r"=\s*+(?:\"[^\"]*+\"|'[^']*+')"  # a quote means something behind `=` alone (HTML, 13.2.5)
_MAY_GO = re.compile(
    rf"</?(?:blockquote|div)(?=[\s/>])(?>{_VALUE}|[^>])*+>"
    r"|(?P<opens><!--\s*wp:(?:embed|quote)\b[^<>]*-->\s*)"
    r"|(?P<closes>\s*<!--\s*/wp:(?:embed|quote)\b[^<>]*-->)",
    re.IGNORECASE,
)
_BECOMES = {"opens": "|<!-- wp:html -->\n", "closes": "|\n<!-- /wp:html -->"}


def faults(
    ask: Bench, content: str, form: Format, options: Options, output: str = "auto"
) -> list[str]:
    """Return what is wrong with what becomes of an article."""
    result = ask.article(_sent(content, form, options, output))
    again = ask.article(_sent(result.content, result.format, options, output))
    wrong = []
    if again.content != result.content or again.changed:
        wrong.append("twice is not once")
    if result.changed != (result.content != content):
        wrong.append("changed is not told")
    left = iter(re.findall("art[0-9]+x", result.content))
    said = words_of(content, form)
    if not all(word in left for word in said):  # each behind the one before
        wrong.append("words of the article are lost")
    if any(result.content.count(word) > content.count(word) for word in said):
        wrong.append("words of the article are doubled")
    wrong += _spans(content, result)
    shown = re.sub(r">\r?\n(?=<blockquote placeholder)", ">", result.content)
    shown = re.sub(r"\r\n?", "\n", shown)  # as every parser reads it
    for embed in result.embeds:  # in Markdown the start tag of `amp-twitter` has a line of its own
        if embed.html is not None and (classify(embed.html) is None or embed.html not in shown):
            wrong.append("an embed is not what it must be")
    if not outside_is_whole(content, result, form):
        wrong.append("something outside the spans is not what it was")
    return wrong


def _sent(content: str, form: Format, options: Options, output: str) -> Article:
    return Article(content, form, output=output, deadline_ms=PATIENT_MS, options=options)


def words_of(content: str, form: Format) -> list[str]:
    """Return the article's words without those that a broken tag, an address or an author's name
    took in.
    """
    tag = "</?[a-z][^>]*>" if form is not Format.TEXT else "(?!)"
    if form is Format.MARKDOWN:  # a reference leads where all up to the next blank says
        content = re.sub(r"(?<=\]:)\s*\S+", " ", content)
    bare = re.sub(
        tag, lambda match: " ".join(["", *re.findall('id="(.*?)"', match[0]), ""]), content
    )
    return re.findall(r"(?<![\w=/?&#])art[0-9]+x(?!\s*\(@)", bare)


def outside_is_whole(content: str, result: Result, form: Format) -> bool:
    """Return whether all outside the embeds, the links and X's scripts stands there still, in
    order.

    The end tag of a quotation that was split goes with its tweet.
    """
    spans = [(embed.start, embed.end) for embed in result.embeds]
    spans += [(link.start or 0, link.end or 0) for link in result.links]
    spans += [match.span() for match in _SCRIPTS.finditer(content)]
    literal, at = [], 0
    for start, end in sorted(spans):
        if start >= at:
            literal.append(content[at:start])
        at = max(at, end)
    literal.append(content[at:])
    answer = result.content
    if form is Format.TEXT and result.format is Format.HTML:
        for embed in result.embeds:
            answer = answer.replace(embed.html or "\ue000", "\ue000", 1)
        answer = html.unescape(re.sub(r"</?p>|<br>", "", answer))
    parts = [_pattern(each) for each in literal]
    return re.fullmatch("(?s:.*?)".join([*parts, ""]), answer) is not None


def _pattern(literal: str) -> str:
    """Return a pattern of what stands outside, without the tags that may go as well."""
    parts, at = [], 0
    for tag in _MAY_GO.finditer(literal):
        instead = _BECOMES.get(tag.lastgroup or "", "")
        parts += [re.escape(literal[at : tag.start()]), f"(?:{re.escape(tag[0])}{instead}|)"]
        at = tag.end()
    return "".join([*parts, re.escape(literal[at:])])


def _spans(content: str, result: Result) -> list[str]:
    spans = [(embed.start, embed.end) for embed in result.embeds]
    inside = all(0 <= start <= end <= len(content) for start, end in spans)
    disjoint = all(before[1] <= after[0] for before, after in pairwise(spans))
    free = not any(
        start <= (link.start or 0) < end for link in result.links for start, end in spans
    )
    return [] if inside and disjoint and free else ["spans are wrong"]
