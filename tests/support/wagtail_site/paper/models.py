"""A page with everything that may hold a tweet."""

from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.embeds.blocks import EmbedBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page


class Quotation(blocks.StructBlock):
    """A block of blocks."""

    heading = blocks.CharBlock(required=False)
    words = blocks.RichTextBlock()


class ArticlePage(Page):
    """An article."""

    body = RichTextField(blank=True)
    plain = RichTextField(blank=True, features=["bold"])
    stream = StreamField(
        [
            ("text", blocks.RichTextBlock()),
            ("html", blocks.RawHTMLBlock()),
            ("embed", EmbedBlock()),
            ("quotation", Quotation()),
            ("list", blocks.ListBlock(blocks.RichTextBlock())),
        ],
        blank=True,
    )

    content_panels = (*Page.content_panels, FieldPanel("body"))
