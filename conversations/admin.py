"""Conversations and contact requests on the organisation's site. Everything a visitor wrote is shown as text."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from conversations import admin_brand, admin_inviting, admin_people  # noqa: F401 (they register their pages)
from conversations.admin_cards import AnyCardPage, OwnCardPage
from conversations.admin_names import LanguageFilter, NamedRows, WebsiteFilter
from conversations.admin_specialists import EscalationPage, SpecialistPage
from conversations.models import ContactRequest, Conversation, Entry
from conversations.naming import Names
from tenants.admin_crumbs import moment_text
from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.clock import platform_now
from tenants.selectors import managers_may_read

__all__ = [
    "AnyCardPage",
    "ContactRequestPage",
    "ConversationPage",
    "EscalationPage",
    "OwnCardPage",
    "SpecialistPage",
]


@admin.register(Conversation, site=organisation_site)
class ConversationPage(NamedRows, Page):
    """Read-only: what was said, when, and whether the promises were kept. Never the operators' own notes, and no words
    at all where the organisation does not let its managers read them."""

    group = OrganisationSite.VISITORS
    icon = "forum"
    list_display = [
        "opened_at", "shown_website", "shown_language", "shown_topic", "purpose", "operator_name", "shown_state",
    ]  # fmt: skip
    list_display_links = ["opened_at"]
    list_filter = ["state", "purpose", ("language", LanguageFilter), ("website_key", WebsiteFilter)]
    date_hierarchy = "opened_at"
    show_full_result_count = False
    change_form_template = "admin/conversation.html"
    empty_text = _("As soon as a visitor writes, the conversation can be read here.")

    @display(
        description=_("state"), ordering="state", label={"waiting": "warning", "assigned": "info", "closed": "success"}
    )
    def shown_state(self, obj: Conversation) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("visitor")

    def title_of(self, obj: Conversation) -> str:
        return gettext("Conversation of %(at)s") % {"at": moment_text(obj.opened_at)}

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        conversation = kwargs.get("obj")
        if conversation is not None:
            kinds = Q(kind__in=SHOWN_KINDS)
            may_read = managers_may_read(request.organisation)  # type: ignore[attr-defined]
            entries = list(
                Entry.objects.filter(kinds, conversation=conversation).defer(*([] if may_read else ["body"]))
            )
            # The mark as it stands: a comment that came after it, or another mark, says it again.
            marks = [entry for entry in entries if entry.kind == Entry.Kind.RATING_GIVEN]
            context["entries"] = [entry for entry in entries if entry not in marks[:-1]]
            context["may_read"] = may_read
            names: Names = conversation.names
            context["named"] = {
                "website": names.website(conversation.website_key),
                "language": names.language(conversation.language),
                "topic": names.topic(conversation.topic),
            }
            context["promises"] = conversation.promises.all()
        return super().render_change_form(request, context, *args, **kwargs)


SHOWN_KINDS = [
    Entry.Kind.MESSAGE_SENT,
    Entry.Kind.CONVERSATION_ASSIGNED,
    Entry.Kind.TOPIC_CHOSEN,
    Entry.Kind.CONVERSATION_CLOSED,
    Entry.Kind.CONVERSATION_REOPENED,
    Entry.Kind.SPECIALIST_ASKED,
    Entry.Kind.SPECIALIST_ACCEPTED,
    Entry.Kind.SPECIALIST_RETURNED,
    Entry.Kind.CALLBACK_PROMISED,
    Entry.Kind.QUESTION_KEPT,
    Entry.Kind.RATING_GIVEN,
]


@admin.register(ContactRequest, site=organisation_site)
class ContactRequestPage(NamedRows, Page):
    """Questions that are answered later: whose they are and by when. A manager marks those that were answered."""

    group = OrganisationSite.VISITORS
    position = 1
    icon = "mail"
    can_change = True
    list_display = ["created_at", "name", "email", "reason", "owner", "shown_deadline", "shown_state"]
    list_display_links = ["created_at", "name"]
    list_filter = ["state", "reason", "owner", ("website_key", WebsiteFilter)]
    list_select_related = ["owner"]
    search_fields = ["name", "email"]
    date_hierarchy = "created_at"
    readonly_fields = [
        "created_at", "reason", "shown_conversation", "owner", "answer_by", "name", "email", "body",
        "shown_website", "page_url", "shown_language",
    ]  # fmt: skip
    fields = ["state", *readonly_fields]
    actions = ["mark_handled"]
    empty_text = _("When nobody is there to answer, visitors can leave a question and an address. They appear here.")

    def title_of(self, obj: ContactRequest) -> str:
        return moment_text(obj.created_at)

    @display(description=_("state"), ordering="state", label={"new": "warning", "handled": "success"})
    def shown_state(self, obj: ContactRequest) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @admin.display(description=_("conversation"))
    def shown_conversation(self, obj: ContactRequest) -> str:
        """A link to what was said, if the question came from a conversation."""
        if obj.conversation_id is None:
            return "–"
        address = reverse(
            "admin:conversations_conversation_change", args=[obj.conversation_id], current_app=self.admin_site.name
        )
        return format_html('<a href="{}">{}</a>', address, gettext("Read the conversation"))

    @display(description=_("answer by"), ordering="answer_by", label={"late": "danger", "": ""})
    def shown_deadline(self, obj: ContactRequest) -> tuple[str, str]:
        if obj.answer_by is None:
            return "", "–"
        is_late = obj.state == ContactRequest.State.NEW and obj.answer_by < platform_now()
        return "late" if is_late else "", date_format(timezone.localtime(obj.answer_by), gettext("j F, H:i"))

    @admin.action(description=_("Mark as handled"), permissions=["change"])
    def mark_handled(self, request: HttpRequest, queryset: QuerySet[ContactRequest]) -> HttpResponse | None:
        waiting = list(queryset.filter(state=ContactRequest.State.NEW))
        for contact in waiting:
            contact.state = ContactRequest.State.HANDLED
            contact.save(update_fields=["state"])
            self.log_change(request, contact, [{"changed": {"fields": ["state"]}}])
        done = ngettext(
            "%(count)s request was marked as handled.", "%(count)s requests were marked as handled.", len(waiting)
        )
        self.message_user(request, done % {"count": len(waiting)}, messages.SUCCESS)
        return None
