"""The words, calls and fields of `docs/interface.md` are those of the code."""

import json
from typing import Any, Literal, get_args, get_origin

import pytest
from pages import ERRORS, INTERFACE, fences, fields_of, rows, section, words
from rest import calling

from service.api.application import create_app
from service.api.bodies import address_models as address_bodies
from service.api.bodies import models as bodies
from service.candidates.source import SourceName
from service.core.detect import detect
from service.core.model import Form, Format, LinkState, Reason, ServedFrom, State
from service.settings import Settings


def test_every_form_is_told_with_an_example_that_is_one() -> None:
    told = {
        words(row[0])[0]: row[2]
        for row in rows(section(INTERFACE, "2 Forms"), "| form | what it is | for example |")
    }

    assert set(told) == {str(form) for form in Form}
    for form, example in told.items():
        text = example.strip("`")
        found = detect(text, None)
        if form == Form.LINK:
            assert (len(found.embeds), len(found.links)) == (0, 1)
        else:
            assert [mention.form for mention in found.embeds] == [form], text


def test_every_other_spelling_is_read() -> None:
    spellings = rows(section(INTERFACE, "2 Forms"), "| form | also |")

    assert len(spellings) >= 20
    for form, example in spellings:
        found = detect(example.strip("`"), None)
        assert [mention.form for mention in found.embeds] == [form.strip("`")], example


def test_what_is_said_to_be_no_mention_is_none() -> None:
    examples = rows(section(INTERFACE, "2 Forms"), "| what | for example |")

    assert len(examples) >= 5
    for what, example in examples:
        found = detect(example.strip("`"), None)
        assert not found.embeds + found.links, what


def test_formats_are_told_apart_as_is_said() -> None:
    table = rows(section(INTERFACE, "5 Formats"), "| format | if | for example |")

    assert {form.strip("`") for form, *_ in table} == {str(each) for each in Format}
    for form, _, example in table:
        assert detect(json.loads(example.strip("` ")), None).format == form.strip("`"), example


def test_every_state_and_reason_of_an_embed_is_told() -> None:
    table = rows(section(INTERFACE, "3.1 Of an embed"))
    told = {words(state)[0]: words(reasons) for state, _, reasons in table}
    explained: dict[str, set[str]] = {}
    for state, reason, *_ in rows(section(ERRORS, "Reasons of an embed")):
        explained.setdefault(words(state)[0], set()).update(words(reason))

    assert set(told) == {str(state) for state in State}
    assert {reason for reasons in told.values() for reason in reasons} == {
        str(reason) for reason in Reason
    }
    assert {state: set(reasons) for state, reasons in told.items()} == explained


def test_every_state_of_a_link_is_told() -> None:
    assert fields_of(section(INTERFACE, "3.2 Of a link")) == {str(state) for state in LinkState}


def test_where_words_and_ids_come_from_is_told() -> None:
    told = {row[0]: set(words(row[1])) for row in rows(section(INTERFACE, "6.2 POST /v1/resolve"))}

    assert told["`served_from`"] == {str(each) for each in ServedFrom}
    assert told["`found_by`"] == {"markup", "code", *(str(each) for each in SourceName)}
    assert told["`considered`"] >= set(bodies.ConsideredTweet.model_fields)


def values_of(annotation: Any) -> set[str]:  # noqa: ANN401 - whatever a field is annotated with
    """Return the words that a field may have."""
    if get_origin(annotation) is Literal:
        return {str(each) for each in get_args(annotation)}
    return (
        {value for each in get_args(annotation) for value in values_of(each)}
        if annotation
        else set()
    )


def test_every_option_is_told_with_its_values_the_default_first() -> None:
    told = {words(row[0])[0]: words(row[1]) for row in rows(section(INTERFACE, "6.3 Options"))}
    fields = bodies.OptionsRequest.model_fields

    assert set(told) == set(fields)
    for name, field in fields.items():
        assert told[name][0] == json.dumps(field.default).strip('"'), name
        assert values_of(field.annotation) <= set(told[name]), name


def test_the_request_is_told_with_every_field_and_default() -> None:
    text = section(INTERFACE, "6.2 POST /v1/resolve")
    example = json.loads(fences(text, "json")[0])
    model = bodies.ResolveRequest

    assert set(example) == set(model.model_fields)
    assert set(example["options"]) == set(bodies.OptionsRequest.model_fields)
    assert fields_of(text.split("The answer:")[0]) >= set(model.model_fields)
    assert example["options"] == bodies.OptionsRequest().model_dump()


@pytest.mark.parametrize(
    ("title", "after", "before", "model"),
    [
        ("6.2 POST /v1/resolve", "The answer:", "An object of `embeds`", bodies.Resolved),
        ("6.2 POST /v1/resolve", "An object of `embeds`", "An object of `links`", bodies.Embed),
        ("6.2 POST /v1/resolve", "An object of `links`", "**Many articles", bodies.Link),
        ("6.4 POST /v1/detect", "", "A short link", bodies.Detected),
        ("6.5 GET and DELETE /v1/tweets/{tweet_id}", "", "`DELETE` is", bodies.StoredTweet),
        ("6.5 GET and DELETE /v1/tweets/{tweet_id}", "`DELETE` is", "", bodies.Takedown),
        ("6.6 POST /v1/embeds", "", "", address_bodies.AddressEmbedsAnswer),
        ("6.7 POST /v1/links", "", "", address_bodies.AddressTargetsAnswer),
    ],
)
# pydantic models
def test_every_field_of_an_answer_is_told(title: str, after: str, before: str, model: Any) -> None:  # noqa: ANN401
    text = section(INTERFACE, title)
    text = text[text.index(after) :] if after else text
    text = text[: text.index(before, 1)] if before else text

    assert fields_of(text) == set(model.model_fields)


@pytest.mark.anyio
async def test_every_call_is_told() -> None:
    table = rows(section(INTERFACE, "6 REST"), "| call | what it does |")
    told = {call for row in table for call in words(row[0])}
    served = {
        f"{method.upper()} {path}"
        for path, methods in create_app(Settings()).openapi()["paths"].items()
        for method in methods
    }

    assert served <= told
    for call in told - served:  # what pages load is left out of the description
        method, path = call.split()
        assert method == "GET"
        async with calling() as client:
            assert (await client.get(path)).status_code == 200, path


@pytest.mark.anyio
async def test_the_request_of_the_interface_is_answered() -> None:
    example = fences(section(INTERFACE, "6.2 POST /v1/resolve"), "json")[0]
    async with calling() as client:
        response = await client.post(
            "/v1/resolve", content=example, headers={"Content-Type": "application/json"}
        )

    assert (response.status_code, response.json()["embeds"][0]["state"]) == (200, "embedded")
