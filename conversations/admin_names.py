"""Keys of websites, languages and topics by their names, in lists, filters and rows of the organisation's site."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.naming import language_name, names_of, topic_names, website_names


class WebsiteFilter(admin.AllValuesFieldListFilter):
    """The websites that occur, by name. Two queries."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        return _called(super().choices(changelist), website_names(changelist.organisation).get)


class TopicFilter(admin.AllValuesFieldListFilter):
    """The topics that occur, by name. Two queries."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        return _called(super().choices(changelist), topic_names(changelist.organisation).get)


class LanguageFilter(admin.AllValuesFieldListFilter):
    """The languages that occur, by name. One query."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        return _called(super().choices(changelist), _language)


def _called(choices: Iterable[Any], name: Callable[[str, Any], str]) -> Iterator[Any]:
    """Choices by name; what has none, as the choice of all, as it was."""
    for choice in choices:
        yield {**choice, "display": name(str(choice["display"]), choice["display"])}


def _language(code: str, unknown: Any) -> str:
    return unknown if (name := language_name(code)) == code else name


class NamedRows:
    """Rows that hold keys of a website, a language and a topic are shown with their names, read once for a page."""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Three queries for all rows."""
        changelist = super().get_changelist_instance(request)  # type: ignore[misc]
        changelist.organisation = request.organisation  # type: ignore[attr-defined]
        names = names_of(changelist.organisation)
        for row in changelist.result_list:
            row.names = names
        return changelist

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if found is not None:
            found.names = names_of(request.organisation)  # type: ignore[attr-defined]
        return found

    @admin.display(description=_("website"), ordering="website_key")
    def shown_website(self, obj: Any) -> str:
        return str(obj.names.website(obj.website_key))

    @admin.display(description=_("language"), ordering="language")
    def shown_language(self, obj: Any) -> str:
        return str(obj.names.language(obj.language))

    @admin.display(description=_("topic"), ordering="topic")
    def shown_topic(self, obj: Any) -> str:
        return str(obj.names.topic(obj.topic)) or "–"
