"""`manage.py heal_tweets`: pages that are waiting for another try, or all of them."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from wagtail.models import Page

from wagtail_tweet_embed.models import PendingPage
from wagtail_tweet_embed.publishing import heal
from wagtail_tweet_embed.service import setting

PATIENCE_S = 30


class Command(BaseCommand):
    """Heals the tweets of live pages."""

    help = "Heals the tweets of pages whose time has come; of all live pages with --all."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take pages, or --all."""
        parser.add_argument("pages", nargs="*", type=int, help="ids of pages")
        parser.add_argument("--all", action="store_true", help="all live pages")

    def handle(self, *_: object, **options: Any) -> None:  # noqa: ANN401 - as Django has it
        """Heal them one after the other, and say what came of it."""
        if not setting("ADDRESS"):
            message = "TWEET_EMBED['ADDRESS'] is not set"
            raise CommandError(message)
        attempts = dict(PendingPage.objects.values_list("page_id", "attempts"))
        pages = Page.objects.live().order_by("pk")
        if options["pages"]:
            pages = pages.filter(pk__in=options["pages"])
        elif not options["all"]:
            due = PendingPage.objects.filter(due_at__lte=timezone.now())
            pages = pages.filter(pk__in=due.values_list("page_id", flat=True))
        healed, troubles = 0, 0
        for page in pages.specific().iterator():
            trouble = heal(page, PATIENCE_S, attempts.get(page.pk, -1) + 1)
            if trouble is None:
                healed += 1
            else:
                troubles += 1
                self.stderr.write(f"page {page.pk}: {trouble}")
        self.stdout.write(f"{healed} pages looked at, {troubles} in trouble")
        if troubles:
            message = "some pages stay as they are"
            raise CommandError(message)
