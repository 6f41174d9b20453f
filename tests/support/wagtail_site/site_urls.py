"""The addresses of the site: pages, the admin, and what a test does inside."""

from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from site_actions import act
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

urlpatterns = [
    path("do/<str:name>", csrf_exempt(act)),
    path("admin/", include(wagtailadmin_urls)),
    path("", include(wagtail_urls)),
]
