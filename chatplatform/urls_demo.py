"""The demo websites' hosts."""

from django.urls import path

from chatplatform.demo_pages import demo_page

urlpatterns = [path("", demo_page), path("<path:path>", demo_page)]
