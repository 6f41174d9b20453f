"""A published page, healed: the live page is changed only if nobody has published since."""

import logging
from contextvars import ContextVar
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from wagtail.models import Page

from wagtail_tweet_embed.models import PendingPage
from wagtail_tweet_embed.service import ServiceError, resolve, setting
from wagtail_tweet_embed.texts import Text, embed_as_element, find_texts, rewrite_texts

logger = logging.getLogger(__name__)

_publishing: ContextVar[bool] = ContextVar("publishing", default=False)
"""Whether it is this module that publishes: what it writes is healed, and a row is locked."""


def heal_published(sender: type[Page], instance: Page, **_: object) -> None:  # noqa: ARG001
    """Heal a page that has just been published. Whatever happens, it stays published as typed."""
    if not setting("ADDRESS") or _publishing.get():
        return
    try:
        heal(instance, setting("TIMEOUT"))
    except Exception:
        logger.exception("page %s stays as it was published", instance.pk)


def heal(page: Page, timeout: float, attempts: int = 0) -> str | None:
    """Heal the tweets of a live page. Return what kept the service from it, None where nothing did.

    `timeout` is in seconds, for all of the page. In trouble another try is planned.
    """
    texts = find_texts(page)
    if not texts:
        PendingPage.objects.filter(page_id=page.pk).delete()
        return None
    try:
        answers = resolve([text.content for text in texts], timeout)
        if any(answer["changed"] for answer in answers):
            _publish(page, texts, answers)
    except (ServiceError, ValidationError) as error:
        logger.warning("page %s stays as it was published: %s", page.pk, error)
        if isinstance(error, ServiceError) and not error.lasting:
            PendingPage.plan(page, str(error), attempts)
        return str(error)
    if all(answer["complete"] for answer in answers):
        PendingPage.objects.filter(page_id=page.pk).delete()
    else:
        PendingPage.plan(page, "X did not answer for all tweets", attempts)
    return None


def _publish(page: Page, texts: list[Text], answers: list[dict[str, Any]]) -> None:
    """Publish what the service wrote, as a revision of its own: the words before are one back."""
    written = {
        text: embed_as_element(answer) if text.is_rich else str(answer["content"])
        for text, answer in zip(texts, answers, strict=True)
    }
    with transaction.atomic():
        row = Page.objects.select_for_update().get(pk=page.pk)
        if row.live_revision_id != page.live_revision_id or not row.live:
            return  # somebody has published since: that has been looked at then
        live = row.specific
        changed = rewrite_texts(live, lambda text: written.get(text, text.content))
        if not changed:
            return
        if row.alias_of_id or not row.live_revision_id or row.has_unpublished_changes:
            # A copy has no revisions; a draft that is newer stays the one that editors open.
            live.save(update_fields=changed, clean=False)
            return
        token = _publishing.set(True)
        try:
            live.save_revision().publish()
        finally:
            _publishing.reset(token)
        # It is no newer for its readers.
        Page.objects.filter(pk=page.pk).update(last_published_at=row.last_published_at)
