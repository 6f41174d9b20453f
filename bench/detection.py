"""Precision and recall of detection over `../shared/corpus`, by form and by language: `python
bench/detection.py [--list]`.

A label is a place: where a grep, or a row of the corpus, says that a tweet is.
`detection_labels.json` corrects by hand what the greps get wrong, as places too, never texts: `not`
are no tweets, `also` are tweets no grep finds. A label is found if a mention holds its place; a
mention without a label is an extra find. Lone addresses (`url`) are not labelled, and not counted.
"""

# a script beside the package, no part of it

import argparse
import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from service.core.detect import detect
from service.core.model import Form, Format

CORPUS = ROOT.parent / "shared" / "corpus"
CORRECTIONS = Path(__file__).with_name("detection_labels.json")
FOLDERS = ("articles", "flattened", "exports")

GREPS = {
    Form.BLOCKQUOTE: re.compile(
        r"<(?:blockquote|div)\b[^<>]*\bclass=(?:[\"'](?:[^\"'<>]*\s)?|)twitter-(?:tweet|video)(?=[\s\"'>])[^<>]*>",
        re.IGNORECASE,
    ),
    Form.IFRAME: re.compile(
        r"<iframe\b[^<>]*(?:platform\.(?:twitter|x)\.com/embed/Tweet\.html|twitframe\.com/show)",
        re.IGNORECASE,
    ),
    Form.AMP: re.compile(r"<amp-twitter\b", re.IGNORECASE),
    Form.WIDGET: re.compile(
        r"<twitter-widget\b|<[a-z]+[^<>]*\btwitter-tweet-rendered\b",
        re.IGNORECASE,
    ),
    Form.BLOCK: re.compile(
        r"<!-- wp:(?:core-embed/twitter|embed \{[^<>]*\"providerNameSlug\":\"(?:twitter|x)\")",
    ),
    Form.CARD: re.compile(r"<div class=\"tweet\" data-attrs=|<embetty-tweet\b"),
    Form.SHORTCODE: re.compile(
        r"\[https?://(?:twitter|x)\.com/\w+/status/\d+:embed|\{\{<\s*(?:tweet|x)\s|\{%\s*twitter\s|\[tweet\s",
    ),
}
FLAT = re.compile(
    r"\(@(?P<handle>[A-Za-z0-9_]{1,15})\)(?:\s|[\u200e\u200f])*(?=[^<>\n()]{0,24}?\d{4})(?=[^<>\n()]{0,12}\d)",
)


@dataclass(frozen=True)
class Label:
    """A place that means a tweet."""

    path: str
    at: int
    form: Form
    lang: str


@dataclass
class Score:
    """How many labels there are, how many were found, and how many finds have no label."""

    labels: int = 0
    found: int = 0
    extra: int = 0

    def __str__(self) -> str:
        """Write the figures of a line."""
        precision = self.found / (self.found + self.extra) if self.found + self.extra else 1.0
        recall = self.found / self.labels if self.labels else 1.0
        return (
            f"{self.labels:5} labels  recall {recall:.4f}  precision {precision:.4f}  {self.extra}"
            " extra"
        )


def rows(path: str) -> list[dict[str, Any]]:
    """Read a file of the corpus, one object a line."""
    return [json.loads(line) for line in (CORPUS / path).read_text(encoding="utf-8").splitlines()]


def articles() -> Iterator[tuple[str, str, str, Format | None]]:
    """Return every article: its path in the corpus (a row's with its number), language, text and
    format.
    """
    with (CORPUS / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            path = row["path"]
            if path.startswith(FOLDERS) and not path.endswith((".jsonl", ".json", ".csv", ".xml")):
                data = (CORPUS / path).read_bytes()
                try:
                    text = data.decode()
                except UnicodeDecodeError:
                    text = data.decode("latin-1")
                written_in = (
                    Format.HTML
                    if path.endswith((".html", ".htm"))
                    else Format.TEXT
                    if path.endswith(".txt")
                    else None
                )
                yield path, row["language"] or "und", text, written_in
    for path in (
        "markup/blockquotes.open.jsonl",
        "oembed/html_only.open.jsonl",
        "markup/public_snippets.open.jsonl",
    ):
        for number, each in enumerate(rows(path)):
            yield (
                f"{path}#{number}",
                each.get("tweet_lang") or each.get("lang") or "und",
                each["html"],
                Format.HTML,
            )
    for number, each in enumerate(rows("flattened/samples.open.jsonl")):
        yield (
            f"flattened/samples.open.jsonl#{number}",
            each["lang"],
            each["before"] + each["attribution"] + each["after"],
            Format.TEXT,
        )
    for number, each in enumerate(rows("flattened/pages_multilang.open.jsonl")):
        yield (
            f"flattened/pages_multilang.open.jsonl#{number}",
            each["lang"],
            each["text"],
            Format.TEXT,
        )
    for number, each in enumerate(rows("flattened/derived_from_blockquotes.open.jsonl")):
        for form in ("flat_concat", "flat_br_newline", "flat_br_space"):
            yield (
                f"flattened/derived_from_blockquotes.open.jsonl#{number}.{form}",
                each["tweet_lang"] or "und",
                each[form],
                Format.TEXT,
            )


def labels(
    path: str,
    lang: str,
    text: str,
    corrections: dict[str, dict[str, list[int]]],
) -> list[Label]:
    """Label an article by the greps, then by hand."""
    wrong = set(corrections["not"].get(path, []))
    found: list[Label] = []
    stretches: list[tuple[int, int]] = []
    for form, grep in GREPS.items():
        for match in grep.finditer(text):
            end = text.find("</blockquote>", match.end())
            stretches.append((match.start(), end if end >= 0 else len(text)))
            found.append(Label(path, match.start(), form, lang))
    flat = [
        match.start()
        for match in FLAT.finditer(text)
        if not any(start < match.start() < end for start, end in stretches)
    ]
    found += [Label(path, at, Form.FLATTENED, lang) for at in flat]
    found += [Label(path, at, Form.FLATTENED, lang) for at in corrections["also"].get(path, [])]
    return [label for label in found if label.at not in wrong]


def measure(
    corrections: dict[str, dict[str, list[int]]],
    scores: dict[str, Score],
) -> Iterator[str]:
    """Count into `scores`, by form, by language and for all; give a line for each miss and each
    extra find.
    """
    for path, lang, text, written_in in articles():
        expected = labels(path, lang, text, corrections)
        mentions = [
            one for one in detect(text, written_in).embeds if one.form not in {Form.URL, Form.LINK}
        ]
        for label in expected:
            hit = any(one.span.start <= label.at < one.span.end for one in mentions)
            for name in (f"form {label.form.value}", f"lang {lang}", "whole"):
                scores[name].labels += 1
                scores[name].found += hit
            if not hit:
                yield (
                    f"MISS  {label.form.value:10} {path} {label.at}"
                    f" {text[max(0, label.at - 60) : label.at + 140]!r}\n"
                )
        for one in mentions:
            if not any(one.span.start <= label.at < one.span.end for label in expected):
                for name in (f"form {one.form.value}", f"lang {lang}", "whole"):
                    scores[name].extra += 1
                yield (
                    f"EXTRA {one.form.value:10} {path} {one.span.start}"
                    f" {text[one.span.start : one.span.end][-200:]!r}\n"
                )


def main() -> None:
    """Print the figures, and with `--list` what was missed and what was found besides."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="list misses and extra finds")
    listed = parser.parse_args().list
    if not CORPUS.exists():
        sys.exit("the corpus is not beside the repository")
    scores: dict[str, Score] = defaultdict(Score)
    for line in measure(json.loads(CORRECTIONS.read_text(encoding="utf-8")), scores):
        if listed:
            sys.stdout.write(line)
    for name, score in sorted(scores.items()):
        sys.stdout.write(f"{name:16}{score}\n")


if __name__ == "__main__":
    main()
