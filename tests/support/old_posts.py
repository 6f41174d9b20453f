"""What years of editors, plug-ins and migrations leave in a WordPress: the same few tweets,
embedded in every way there was.
"""

from dataclasses import dataclass

from wordpress import Post

HARBOUR, LIBRARY, DELETED = "2034906551094185985", "1988177428548464647", "1786064274525081999"
OLD = f"https://twitter.com/demo_harbour/status/{HARBOUR}"
WORDS = {
    HARBOUR: (
        "Spring hours from today: the lamp room is open until 20:00, the tower stairs until 19:00."
    ),
    LIBRARY: "المكتبة المتنقلة تبدأ جولتها الأولى: 3 آلاف كتاب في طريقها إلى 12 قرية.",
    DELETED: "The fog horn sounds at noon.",
}
_P = (
    f'<p lang="en" dir="ltr">{WORDS[HARBOUR]}<br>Tickets: <a'
    ' href="https://t.co/Pw5Jn1Gc8E">https://t.co/Pw5Jn1Gc8E</a></p>&mdash; Harbour Lights Museum'
    f' (@demo_harbour) <a href="{OLD}?ref_src=twsrc%5Etfw">March 20, 2026</a>'
)
_SCRIPT = '<script async src="//platform.twitter.com/widgets.js" charset="utf-8"></script>'
_FLAT = (
    f"{WORDS[LIBRARY]} للتفاصيل : https://t.co/Lb7Qm2Xw9K #القراءة_للجميع #هيئة_المكتبات_العامة"
    " pic.twitter.com/Zk4Rt8Np1V— هيئة المكتبات العامة (@demo_maktabat) November 11, 2025"
)
_STALE = {
    "_oembed_0a3b5c7d9e1f0a3b5c7d9e1f0a3b5c7d": "{{unknown}}",
    "_oembed_1a3b5c7d9e1f0a3b5c7d9e1f0a3b5c7d": (
        "<blockquote class='twitter-tweet'>as it was in 2019</blockquote>"
    ),
    "_oembed_time_1a3b5c7d9e1f0a3b5c7d9e1f0a3b5c7d": "1551675967",
    "xoembedxviews": "7",  # `_` stands for any character in LIKE
    "_thumbnail_id": "12 🖼",
}


@dataclass(frozen=True)
class Old:
    """A post, the tweet that readers see in it afterwards, and whether a backfill changes it."""

    post: Post
    tweet: str | None
    changes: bool = True
    hidden: bool = False  # from readers: its page is not served


def _old(
    content: str,
    tweet: str | None = HARBOUR,
    *,
    changes: bool = True,
    status: str = "publish",
    kind: str = "post",
) -> Old:
    post = Post(content, status, kind, title="Lamp & “tower” 🗼", meta=_STALE, revision=True)
    return Old(post, tweet, changes, hidden=status != "publish" or kind not in {"post", "page"})


_CLASSIC = (
    '<blockquote class="twitter-tweet" data-lang="en" style="color:red"'
    f' onclick="go()">{_P}</blockquote>\n{_SCRIPT}'
)

_SHOWN = f'<div class="wp-block-embed__wrapper">\n{OLD}\n</div></figure>\n'
MOBILE = OLD.replace("twitter.com", "mobile.twitter.com")

OLD_POSTS = {
    "classic blockquote": _old(
        f"<p>Before – “quoted” &amp; 100 % café 🗼.</p>\r\n{_CLASSIC}\n<p>After.</p>",
    ),
    "classless blockquote": _old(f"Before.\n\n<blockquote>{_P}</blockquote>\n\nAfter."),
    "flattened line": _old(f"Before &lt;here&gt;.\n\n{_FLAT}\n\nAfter & <em>after</em>.", LIBRARY),
    "address on a line": _old(f"Before.\n\nhttps://x.com/demo_harbour/status/{HARBOUR}\n\nAfter."),
    "old address on a line": _old(f"Before.\n\n{OLD}\n\nAfter."),
    "embed shortcode": _old(f'Before.\n\n[embed width="400"]{OLD}[/embed]\n\n<b>After</b>.'),
    "tweet shortcode": _old(f"<p>Before.</p>\n[tweet {HARBOUR}]\n<p>After.</p>"),
    "flattened paragraph block": _old(
        f"<!-- wp:paragraph -->\n<p>{_FLAT}</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:paragraph"
        " -->\n<p>After.</p>\n<!-- /wp:paragraph -->",
        LIBRARY,
    ),
    "twitframe": _old(
        "<p>Before.</p><iframe border=0 frameborder=0 height=250 width=550"
        f' src="https://twitframe.com/show?url={OLD}"></iframe>',
    ),
    "amp": _old(
        '<p>Before.</p><amp-twitter width="375" height="472" layout="responsive"'
        f' data-tweetid="{HARBOUR}"></amp-twitter>',
    ),
    "page": _old(f"<p>Opening hours</p>\n{_CLASSIC}", kind="page"),
    "short links": _old(
        '<p>See https://t.co/Rk2Ys9Mf4A and <a href="https://t.co/Rk2Ys9Mf4A">the hours</a>.</p>',
        None,
    ),
    "embed block": _old(
        "<!-- wp:embed"
        f' {{"url":"{MOBILE}","type":"rich","providerNameSlug":"twitter","responsive":true}}'
        ' -->\n<figure class="wp-block-embed is-type-rich is-provider-twitter'
        f' wp-block-embed-twitter">{_SHOWN.replace(OLD, MOBILE)}<!-- /wp:embed -->',
    ),
    "old embed block": _old(
        "<!-- wp:core-embed/twitter"
        f' {{"url":"{OLD}","type":"rich","providerNameSlug":"twitter","className":""}} -->\n<figure'
        ' class="wp-block-embed-twitter wp-block-embed is-type-rich'
        f' is-provider-twitter">{_SHOWN}<!-- /wp:core-embed/twitter -->',
        changes=False,
    ),
    "deleted tweet": _old(
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{WORDS[DELETED]}</p>&mdash;'
        " Harbour Lights Museum (@demo_harbour) <a"
        f' href="https://twitter.com/demo_harbour/status/{DELETED}">May 2,'
        f" 2024</a></blockquote>\n{_SCRIPT}",
        DELETED,
        changes=False,
    ),
    "no tweet": _old(
        "https://www.youtube.com/watch?v=aqz-KE-bpKQ\n\n<blockquote>To be, or not to"
        " be.</blockquote>",
        None,
        changes=False,
    ),
    "draft": _old(_CLASSIC, status="draft", changes=False),
    "private": _old(_CLASSIC, status="private", changes=False),
    "binned": _old(_CLASSIC, status="trash", changes=False),
    "remembered answer": _old(_CLASSIC, kind="oembed_cache", changes=False),
}
READ = [name for name, old in OLD_POSTS.items() if not old.hidden]
SHOWN = [name for name in READ if OLD_POSTS[name].tweet]
