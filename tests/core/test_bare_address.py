"""A paragraph that is a tweet's address alone is read as the parser's way reads it."""

from hypothesis import example, given
from hypothesis import strategies as st

from service.core.detect import detect_normalized
from service.core.detect.bare_address import read_bare_address
from service.core.model import Format, TweetRef

HOSTS = ("x.com", "twitter.com", "www.x.com", "mobile.twitter.com", "m.x.com", "X.com")
NAMES = (
    "a",
    "i",
    "A_b9",
    "web",
    "search",
    "home",
    "intent",
    "statuses",
    "hashtag",
    "abcdefghijklmno",
)
QUERIES = (
    "",
    "?s=20",
    "?s=0&amp;t=1",
    "?",
    "?s=",
    "?s=.",
    "?ref_src=twsrc",
    "?s=20#a",
    "/",
    "/photo/1",
)
AROUND = (("<p>", "</p>"), ("<p class='a'>", "</p>"), ("<P>", "</P>"), ("<p> ", "</p>"), ("", ""))


@given(
    st.sampled_from(("https://", "http://", "")),
    st.sampled_from(HOSTS),
    st.sampled_from(NAMES),
    st.sampled_from(("1", "12345", "02034906551", "2034906551094185985", "99999999999999999999")),
    st.sampled_from(QUERIES),
    st.sampled_from(AROUND),
)
@example("https://", "x.com", "a", "2034906551094185985", "?s=20", AROUND[0])
def test_it_is_what_the_parser_finds(
    scheme: str, host: str, name: str, number: str, query: str, around: tuple[str, str]
) -> None:
    """White space behind a paragraph changes nothing, and keeps to the parser's way."""
    source = f"{around[0]}{scheme}{host}/{name}/status/{number}{query}{around[1]}"

    assert read_bare_address(f"{source}\n") is None
    assert detect_normalized(source, Format.HTML) == detect_normalized(f"{source}\n", Format.HTML)


def test_a_usual_one_is_read_without_a_parser() -> None:
    for host in ("x.com", "www.twitter.com"):
        found = read_bare_address(f"<p>https://{host}/a/status/2034906551094185985?s=20</p>")

        assert found is not None
        assert found.embeds[0].tweet == TweetRef("2034906551094185985", "a")
