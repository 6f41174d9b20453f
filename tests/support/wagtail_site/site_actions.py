"""What a test does inside Wagtail: JSON in and out."""

import json
from io import StringIO
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.http import HttpRequest, JsonResponse
from paper.models import ArticlePage
from wagtail.embeds.embeds import get_embed
from wagtail.embeds.exceptions import EmbedException
from wagtail.embeds.models import Embed
from wagtail.models import Collection, Locale, Page, Site
from wagtail_tweet_embed.models import PendingPage


def act(request: HttpRequest, name: str) -> JsonResponse:
    """Do what is named."""
    given = json.loads(request.body or b"{}")
    return JsonResponse({"result": globals()[f"do_{name}"](**given)})


def _page(page: int) -> ArticlePage:
    return ArticlePage.objects.get(pk=page)


def do_set_up(secret: str) -> None:
    """Make a home page and an editor."""
    Locale.objects.create(language_code="en")
    Collection.add_root(name="Root")
    root = Page.add_root(title="Root", slug="root")
    home = Page(title="Home", slug="paper")
    root.add_child(instance=home)
    Site.objects.all().delete()
    Site.objects.create(hostname="127.0.0.1", root_page=home, is_default_site=True)
    get_user_model().objects.create_superuser("editor", "editor@site.test", secret)


def do_publish(page: int | None = None, **fields: object) -> int:
    """Publish a page, as the admin does: a revision, and then that."""
    if page is None:
        article = ArticlePage(title="An article", live=False)
        Page.objects.get(slug="paper").add_child(instance=article)
    else:
        article = _page(page)
    _set(article, fields)
    article.save_revision().publish()
    return int(article.pk)


def do_save_draft(page: int, **fields: object) -> None:
    """Save a draft."""
    article = _page(page).get_latest_revision_as_object()
    _set(article, fields)
    article.save_revision()


def _set(article: ArticlePage, fields: dict[str, object]) -> None:
    for name, value in fields.items():
        field = article._meta.get_field(name)  # noqa: SLF001
        setattr(article, name, field.to_python(json.dumps(value) if name == "stream" else value))


def do_stored(page: int) -> dict[str, Any]:
    """Return what is stored of a page."""
    article = _page(page)
    values = [block["value"] for block in article.stream.get_prep_value()]
    times = [article.first_published_at, article.last_published_at]
    return {
        "body": article.body,
        "plain": article.plain,
        "stream": values,
        "drafts": article.has_unpublished_changes,
        "latest": article.get_latest_revision_as_object().body,
        "revisions": [each.content["body"] for each in article.revisions.order_by("pk")],
        "times": [str(each) for each in times],
        "url": article.relative_url(Site.objects.get()),
        "pending": [each.trouble for each in PendingPage.objects.filter(page_id=page)],
    }


def do_alias(page: int) -> int:
    """Make an alias of a page."""
    return int(_page(page).create_alias(update_slug="alias").pk)


def do_embed(url: str) -> dict[str, Any] | None:
    """Ask Wagtail for an embed."""
    try:
        found = get_embed(url)
    except EmbedException:
        return None
    return {"html": found.html, "provider": found.provider_name, "until": str(found.cache_until)}


def do_expire() -> None:
    """Let all that Wagtail remembers of embeds be out of date."""
    Embed.objects.update(cache_until="2020-01-01T00:00:00Z")


def do_command(*, due: bool = True, arguments: list[str]) -> str:
    """Run `manage.py heal_tweets`."""
    if due:
        PendingPage.objects.update(due_at="2020-01-01T00:00:00Z")
    said = StringIO()
    try:
        call_command("heal_tweets", *arguments, stdout=said, stderr=said)
    except CommandError as error:
        said.write(f"error: {error}")
    return said.getvalue()
