"""The table of pages that are tried again."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make it."""

    initial = True

    dependencies: ClassVar = [("wagtailcore", "0094_alter_page_locale")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="PendingPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(db_index=True)),
                ("trouble", models.TextField(blank=True)),
                (
                    "page",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        # Wagtail lets a site choose its model of pages since version 8.
                        to=getattr(settings, "WAGTAIL_PAGE_MODEL", "wagtailcore.Page"),
                    ),
                ),
            ],
            options={"ordering": ["due_at"]},
        ),
    ]
