"""The signs by which Markdown tells its blocks (CommonMark 0.31, section 4 and 5), as patterns for
the characters of one line.
"""

import re

SPACE = re.compile(r"[ \t]*")
RULE = re.compile(r"(?>(?:\*[ \t]*+){3,}|(?:-[ \t]*+){3,}|(?:_[ \t]*+){3,})$", re.MULTILINE)
MARKER = re.compile(r"(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]|$)", re.MULTILINE)
HEADING = re.compile(r"#{1,6}(?=[ \t]|$)[ \t]*", re.MULTILINE)
CLOSING_MARKS = re.compile(r"(?:^|[ \t])#+[ \t]*$")
UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$", re.MULTILINE)
FENCE = re.compile(r"(`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE)
FENCE_END = re.compile(r"(`{3,}|~{3,})[ \t]*$", re.MULTILINE)
# The first thing in it is a key or a table: what stands between two rules are words.
FRONT = re.compile(
    r"\ufeff?(---|\+\+\+)[ \t]*\n"
    r"(?=(?>(?:[ \t]*(?:#.*)?\n)*)"
    r"(?:\1[ \t]*$|[\w\"'$.-][\w\"' .$/-]{0,60}(?:=|:(?:\s|$))|\[[\w.\"-]+\]))"
    r"(?:.*\n)*?(?:\1|\.\.\.)[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)
DELIMITERS = re.compile(r"\|?(?>(?:[ \t]*+:?-++:?[ \t]*+\|)*)[ \t]*+(?::?-++:?[ \t]*+)?")

_BLOCK_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption"
    "|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup"
    "|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul"
)
_ATTRIBUTE = (
    r"[ \t\n]++[A-Za-z_:][\w.:-]*+(?:[ \t\n]*+=[ \t\n]*+(?:[^\s\"'=<>`]++|'[^']*+'|\"[^\"]*+\"))?"
)
OPEN_TAG = rf"<[A-Za-z][A-Za-z0-9-]*+(?>(?:{_ATTRIBUTE})*)[ \t\n]*+/?>"
CLOSE_TAG = r"</[A-Za-z][A-Za-z0-9-]*+[ \t\n]*+>"
# how a block of raw HTML begins and, where it is no blank line, what ends it (CommonMark 4.6)
RAW = (
    (
        re.compile(r"<(?:script|pre|style|textarea)(?=[ \t>]|$)", re.IGNORECASE | re.MULTILINE),
        re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
    ),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(rf"</?(?:{_BLOCK_TAGS})(?=[ \t]|/?>|$)", re.IGNORECASE | re.MULTILINE), None),
)
LONE_TAG = re.compile(rf"(?:{OPEN_TAG}|{CLOSE_TAG})[ \t]*$".replace(r"\n", ""), re.MULTILINE)
