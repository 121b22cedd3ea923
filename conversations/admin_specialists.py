"""Specialists and what they were asked, on the organisation's site."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from conversations.admin_names import NamedRows, TopicFilter
from conversations.models import Escalation, EscalationStep, Specialist
from conversations.services.escalating import pass_over_specialist
from conversations.services.links import readdress_links
from knowledgebase.selectors import topic_choices
from tenants.admin_crumbs import moment_text
from tenants.admin_site import AskedPlainly, OrganisationSite, Page, RowsInside, organisation_site
from tenants.selectors import managers_may_read


@admin.register(Specialist, site=organisation_site)
class SpecialistPage(NamedRows, AskedPlainly, Page):
    """Specialists are switched off, not deleted: what they answered keeps their name. It works at once: their links are
    dead and their questions go to the next. A new address gets new links."""

    group = OrganisationSite.SETTINGS
    position = 6
    icon = "school"
    can_add = can_change = True
    list_display = ["name", "email", "shown_topics", "position", "shown_language", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "email"]
    fields = ["name", "email", "topics", "position", "language", "is_active"]
    empty_text = _(
        "Specialists are your own experts. The desk can hand them a question by mail; they answer behind a link and"
        " need no account."
    )

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "topics":
            choices = topic_choices(request.organisation, get_language() or "en")  # type: ignore[attr-defined]
            return forms.MultipleChoiceField(
                label=capfirst(db_field.verbose_name),
                help_text=db_field.help_text,
                choices=[(choice.slug, choice.label) for choice in choices],
                widget=UnfoldAdminCheckboxSelectMultipleWidget,
                required=False,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Specialist, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        organisation = request.organisation  # type: ignore[attr-defined]
        if change and not obj.is_active:
            pass_over_specialist(organisation, obj.id)
        elif change and "email" in form.changed_data:
            readdress_links(organisation, obj)

    @admin.display(description=_("topics"))
    def shown_topics(self, obj: Specialist) -> str:
        return ", ".join(obj.names.topic(slug) for slug in obj.topics) or str(_("all"))  # type: ignore[attr-defined]


class StepRows(RowsInside):
    model = EscalationStep
    fields = ["specialist_name", "asked_at", "accept_by", "accepted_at", "answer_by", "outcome", "ended_at"]
    readonly_fields = fields
    verbose_name = _("step")
    verbose_name_plural = _("who was asked")


@admin.register(Escalation, site=organisation_site)
class EscalationPage(NamedRows, Page):
    """Read-only: which questions went to specialists, who took them and how they ended."""

    group = OrganisationSite.VISITORS
    position = 2
    icon = "forward_to_inbox"
    list_display = ["asked_at", "shown_topic", "shown_specialists", "asked_by_name", "shown_state"]
    list_display_links = ["asked_at"]
    list_filter = ["state", ("topic", TopicFilter)]
    date_hierarchy = "asked_at"
    fields = ["conversation", "asked_at", "asked_by_name", "shown_topic", "reason", "summary", "state", "ended_at"]
    fields += ["call_back_at"]
    readonly_fields = fields
    inlines = [StepRows]
    empty_text = _("When the desk hands a question to one of your specialists, you can follow it here.")

    def title_of(self, obj: Escalation) -> str:
        return moment_text(obj.asked_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("steps")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What the operator wrote of the conversation is part of what was said."""
        hidden = () if managers_may_read(request.organisation) else ("reason", "summary")  # type: ignore[attr-defined]
        return [name for name in self.fields if name not in hidden]

    @admin.display(description=_("specialists"))
    def shown_specialists(self, obj: Escalation) -> str:
        return " → ".join(step.specialist_name for step in obj.steps.all())

    @display(
        description=_("state"),
        ordering="state",
        label={
            "asked": "warning",
            "accepted": "info",
            "answered": "success",
            "call_back": "success",
            "kept": "danger",
        },
    )
    def shown_state(self, obj: Escalation) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
