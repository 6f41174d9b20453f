"""What is to be tried again."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from wagtail.models import Page

DELAYS_S = (60, 300, 900, 3600, 10800, 21600, 43200, 86400)
"""Seconds before each try. Two days in all: an outage is over by then, or somebody looks."""


class PendingPage(models.Model):
    """A page whose tweets could not be healed when it was published."""

    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_index=True)
    trouble = models.TextField(blank=True)

    class Meta:
        """The oldest first."""

        ordering: ClassVar = ["due_at"]

    def __str__(self) -> str:
        """Return what it is about."""
        return f"{self.page} ({self.trouble})"

    @classmethod
    def plan(cls, page: Page, trouble: str, attempts: int) -> None:
        """Plan the next try of a page, or none where there were enough."""
        if attempts >= len(DELAYS_S):
            cls.objects.filter(page_id=page.pk).delete()
            return
        due_at = timezone.now() + timedelta(seconds=DELAYS_S[attempts])
        values = {"attempts": attempts, "due_at": due_at, "trouble": trouble[:1000]}
        cls.objects.update_or_create(page_id=page.pk, defaults=values)
