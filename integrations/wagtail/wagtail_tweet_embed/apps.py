"""The Django app."""

from django.apps import AppConfig


class TweetEmbedConfig(AppConfig):
    """Listens to `page_published`."""

    name = "wagtail_tweet_embed"
    label = "wagtail_tweet_embed"
    verbose_name = "Tweet Embed"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receiver."""
        from wagtail.signals import page_published  # noqa: PLC0415 - models are not loaded before

        from wagtail_tweet_embed.publishing import heal_published  # noqa: PLC0415

        page_published.connect(heal_published, dispatch_uid="wagtail_tweet_embed")
