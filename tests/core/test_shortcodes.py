"""Shortcodes of forums, static sites and CMSs, and what only looks like one."""

import pytest

from service.core.detect import detect
from service.core.model import Form, Format

ID = "1765016916587458617"
URL = f"https://twitter.com/harbor_desk/status/{ID}"


@pytest.mark.parametrize(
    "shortcode",
    [
        f"[tweet]{ID}[/tweet]",
        f"[tweet]{URL}[/tweet]",
        f"[MEDIA=twitter]{ID}[/MEDIA]",
        f"[media=twitter]{ID}[/media]",
        f"[MEDIA=twitter]{URL}[/MEDIA]",
        f"{{% embed {URL} %}}",
        f"{{%- embed {URL}?s=20 -%}}",
        f"(tweet: {URL})",
        f"(tweet: {URL} class: wide)",
    ],
)
def test_a_shortcode_alone_on_its_line_is_its_tweet(shortcode: str) -> None:
    for form in (Format.TEXT, Format.MARKDOWN, Format.HTML):
        (mention,) = detect(f"Words.\n\n{shortcode}\n\nMore.", form).embeds

        assert (mention.form, mention.tweet and mention.tweet.id) == (Form.SHORTCODE, ID)
        assert mention.is_placeable


@pytest.mark.parametrize(
    "text",
    [
        f"[MEDIA=youtube]{ID}[/MEDIA]",
        f"[embed]{ID}[/embed]",
        "[tweet]Words[/tweet]",
        f"{{% embed {ID} %}}",
        "{% embed https://youtu.be/a %}",
        f"[words](tweet:{ID})",
        "(tweet: words)",
        f"[[MEDIA=twitter]{ID}[/MEDIA]]",
    ],
)
def test_what_names_no_tweet_is_no_shortcode(text: str) -> None:
    for form in (Format.TEXT, Format.MARKDOWN, Format.HTML):
        assert detect(f"Words.\n\n{text}\n\nMore.", form).embeds == ()
