"""The letters of a text as they are compared: after NFC, no white space, nothing that is not seen;
and where in the text each of them stands.
"""

import unicodedata
from itertools import islice

from service.core.text.escaping import FILLERS

_MARKS = frozenset({"Mn", "Mc", "Me"})


def comparable_letters(text: str) -> str:
    """Return the letters of a text after NFC: no white space, nothing invisible."""
    text = text if _is_plain(text) else "".join(cluster for _, cluster in _clusters(text))
    return text.translate(dict.fromkeys(map(ord, _no_letters(text))))


def place_of_letter(text: str, number: int) -> int | None:
    """Return where in a text its letter of that number stands; None if it has no so many."""
    if _is_plain(text):
        no_letters = _no_letters(text)
        places = (at for at, character in enumerate(text) if character not in no_letters)
    else:
        places = (
            at for at, cluster in _clusters(text) for character in cluster if _is_letter(character)
        )
    return next(islice(places, number, None), None)


def _no_letters(text: str) -> set[str]:
    return {
        character
        for character in set(text)
        if character in FILLERS or not (character.isalnum() or _is_letter(character))
    }


def _is_plain(text: str) -> bool:
    """Return whether NFC would leave a text as it is."""
    return text.isascii() or unicodedata.is_normalized("NFC", text)


def _is_letter(character: str) -> bool:
    return (
        not character.isspace()
        and character not in FILLERS
        and unicodedata.category(character) not in {"Cf", "Cc"}
    )


def _clusters(text: str) -> list[tuple[int, str]]:
    """Return each character with its combining marks (and Hangul jamo) after NFC, and where it
    stands.
    """
    joined: list[tuple[int, str]] = []
    for at, character in enumerate(text):
        if joined and (
            unicodedata.category(character) in _MARKS or "\u1160" <= character <= "\u11ff"
        ):
            joined[-1] = joined[-1][0], joined[-1][1] + character
        else:
            joined.append((at, character))
    return [(at, unicodedata.normalize("NFC", cluster)) for at, cluster in joined]
