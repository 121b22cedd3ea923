"""Where a page of the admin sites stands: the site's front page, its place in the menu, and what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise as LazyText
from django.utils.text import capfirst
from django.utils.translation import gettext


@dataclass(frozen=True, slots=True)
class Crumb:
    """``link`` is empty where the reader stands."""

    title: str
    link: str = ""


def crumbs(path: str, context: Mapping[str, Any]) -> list[Crumb]:
    """The way from the front page to the page at ``path``, in the menu's own words. No query.

    The menu tells which list a page is under: the one whose address its own begins with. ``subtitle`` is the title of
    the row that a page is of, ``row_address`` where that is shown, ``title`` what the page is beside that.
    """
    title, subtitle = str(context.get("title") or ""), str(context.get("subtitle") or "")
    places = [place for group in context.get("sidebar_navigation", ()) for place in group["items"]]
    if not places or path == places[0]["link"]:
        return [Crumb(title)]
    way = [Crumb(str(places[0]["title"]), str(places[0]["link"]))]
    above = max(
        (place for place in places[1:] if path.startswith(place["link"])),
        key=lambda place: len(place["link"]),
        default=None,
    )
    if above is not None:
        way.append(Crumb(str(above["title"]), str(above["link"])))
        if path == above["link"]:
            title = subtitle = ""
    if subtitle:
        way.append(Crumb(subtitle, str(context.get("row_address", ""))))
    if title and capfirst(title) != way[1 if above is not None else 0].title:
        way.append(Crumb(title))
    return [*way[:-1], Crumb(way[-1].title)]


def moment_text(moment: datetime) -> str:
    """A row that is named by when it was, in the time of the site."""
    return date_format(timezone.localtime(moment), gettext("j F Y, H:i"))


class TitledRows:
    """A table of a site: what the menu calls it, and what its rows are called above their pages and on their tabs.

    ``is_one_row``: there is no list, so the row has no title beside the menu's.
    """

    menu_title: ClassVar[str | LazyText | None] = None
    is_one_row: ClassVar[bool] = False
    opts: Any
    admin_site: Any

    @property
    def place(self) -> str:
        """What the menu calls it."""
        return capfirst(str(self.menu_title or self.opts.verbose_name_plural))

    def title_of(self, obj: Any) -> str:
        """What a row is called above its page and on its tab."""
        return str(obj)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if (obj := kwargs.get("obj")) is not None:
            context.update(title=self.place, subtitle="" if self.is_one_row else self.title_of(obj))
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)  # type: ignore[misc]
        return self._of_row(response, gettext("History"))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().delete_view(request, object_id, extra_context)  # type: ignore[misc]
        return self._of_row(response, gettext("Delete"))

    def _of_row(self, response: HttpResponse, title: str) -> HttpResponse:
        """The same page, called by what it is and by the row it is of."""
        context = getattr(response, "context_data", None)
        if context and (obj := context.get("object")) is not None:
            route = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            address = reverse(route, args=[obj.pk], current_app=self.admin_site.name)
            context.update(title=title, subtitle=self.title_of(obj), row_address=address)
        return response
