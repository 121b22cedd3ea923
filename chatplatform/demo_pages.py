"""Two made-up websites that embed the widget, on hosts of their own. Development only: see ``settings.DEMO_HOSTS``."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

# Website key → path → (template, language). The first label of a demo host is the key of its website.
PAGES = {
    "acme-shop": {
        "": ("demo/shop/home.en.html", "en"),
        "tents/": ("demo/shop/tents.en.html", "en"),
        "delivery/": ("demo/shop/delivery.en.html", "en"),
        "nl/": ("demo/shop/home.nl.html", "nl"),
        "nl/tenten/": ("demo/shop/tents.nl.html", "nl"),
        "nl/bezorging/": ("demo/shop/delivery.nl.html", "nl"),
    },
    "globex-bank": {
        "": ("demo/bank/home.html", "en"),
        "savings/": ("demo/bank/savings.html", "en"),
        "mortgages/": ("demo/bank/mortgages.html", "en"),
    },
}


@require_safe
def demo_page(request: HttpRequest, path: str = "") -> HttpResponse:
    """One page of the website that lives on this host, with the loader of its organisation's host."""
    host = request.host.name  # type: ignore[attr-defined]
    website = host.partition(".")[0]
    if path not in PAGES.get(website, {}):
        raise Http404
    template, language = PAGES[website][path]
    context = {
        "language": language,
        "website": website,
        "organisation_address": f"{settings.PUBLIC_SCHEME}://{settings.DEMO_HOSTS[host]}",
    }
    with translation.override(language):
        return render(request, template, context)
