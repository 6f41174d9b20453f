"""Embeds to look at, in three scripts, as the service writes them."""

from service.core.model import EmbedStyle, LineBreak, Tweet, TweetLink, TweetText
from service.core.render.blockquote import render_blockquote
from service.core.render.messages import messages
from service.core.render.variants import render_link, render_quote, render_tombstone, with_consent

ARABIC = Tweet(
    "1988150000000000000",
    "وزارة الاتصالات وتقانة المعلومات",
    "moctsyria",
    (
        TweetText("سورية واليابان تتفقان على شراكة لتعزيز الاتصالات والتقانة والبريد."),
        LineBreak(),
        TweetText("للمزيد : "),
        TweetLink("https://t.co/7Y7Z7nxgXj", "https://t.co/7Y7Z7nxgXj"),
        TweetLink("#الجمهورية_العربية_السورية", "https://x.com/hashtag/a?src=hash"),
        TweetText(" مع "),
        TweetLink("@moctsyria", "https://x.com/moctsyria"),
    ),
    "ar",
    "rtl",
    "November 11, 2025",
)
ENGLISH = Tweet(
    "463440424141459456",
    "US Department of the Interior",
    "Interior",
    (
        TweetText("Sunsets don't get much better than this one. "),
        TweetLink("pic.twitter.com/YuKy2rcjyU", "https://t.co/YuKy2rcjyU"),
    ),
    "en",
    "ltr",
    "May 5, 2014",
)
JAPANESE = Tweet(
    "1131898671111450625",
    "公園の管理人",
    "DIYgod",
    (TweetText("サクラが咲きました。今年は去年より三日早い開花です。"),),
    "ja",
    "ltr",
    "2019年5月24日",
)
TWEETS = (ARABIC, ENGLISH, JAPANESE)
PLAIN = "".join(render_blockquote(tweet, EmbedStyle()) for tweet in TWEETS)
CONSENT = "".join(
    with_consent(render_blockquote(tweet, EmbedStyle()), messages(tweet.lang)) for tweet in TWEETS
)
REST = (
    render_tombstone(messages("en"))
    + render_tombstone(messages("ar"))
    + render_quote("Words of an article", "— Ada (@ada) May 5, 2014")
    + render_quote(ARABIC.text, "— وزارة (@moctsyria) November 11, 2025")
    + render_link(ARABIC)
    + render_link(ENGLISH)
)
