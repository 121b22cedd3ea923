"""What visitors may say their question is about, kept by the organisation's managers."""

from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

import knowledgebase.admin_articles
import knowledgebase.admin_facts
import knowledgebase.admin_feedback
import knowledgebase.admin_gaps
import knowledgebase.admin_help
import knowledgebase.admin_imports  # noqa: F401 (they register their pages)
from knowledgebase.models import Topic, TopicLabel
from tenants.admin_site import OrganisationSite, Page, RowsInside, organisation_site


class LabelRows(RowsInside):
    model = TopicLabel
    fields = ["language", "label", "words"]
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}
    can_add = can_change = can_delete = True


@admin.register(Topic, site=organisation_site)
class TopicPage(Page):
    """Topics are switched off, not deleted: conversations keep pointing at them by name."""

    group = OrganisationSite.SETTINGS
    position = 5
    icon = "sell"
    can_add = can_change = True
    list_display = ["slug", "labels_shown", "kind", "position", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["slug", "labels__label"]
    inlines = [LabelRows]
    empty_text = _("Visitors can choose what their question is about before they ask. Three to six topics work best.")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug", "kind", "position", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug"] if obj else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("labels")

    def title_of(self, obj: Topic) -> str:
        return next((one.label for one in obj.labels.all() if one.language == get_language()), obj.slug)

    @admin.display(description=_("labels"))
    def labels_shown(self, obj: Topic) -> str:
        return ", ".join(f"{label.label} ({label.language})" for label in obj.labels.all()) or "–"
