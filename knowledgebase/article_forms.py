"""The form in which a manager writes an article: what all languages share, and one part per language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from knowledgebase.content import (
    MAX_LONG_TEXT,
    MAX_SHORT_REPLY,
    MAX_SLUG,
    MAX_SOURCE,
    MAX_TITLE,
    Content,
    TextContent,
)
from knowledgebase.errors import Problem
from knowledgebase.models import Article, Topic
from tenants.admin_site import organisation_site
from tenants.context import OrganisationRef
from tenants.models import Membership


class TextForm(forms.Form):
    """An article in one language. Lists are one a line; nothing is required, as a language may be left out."""

    title = forms.CharField(
        label=_("Title"),
        required=False,
        strip=True,
        widget=UnfoldAdminTextInputWidget(attrs={"maxlength": MAX_TITLE}),
    )
    variants = forms.CharField(
        label=_("How visitors ask it"),
        required=False,
        help_text=_("One question a line, in visitors' own words. Five different ones find the article well."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    short_reply = forms.CharField(
        label=_("Short reply"),
        required=False,
        help_text=_("Inserted with one key and sent as it is, so write it as you would say it."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5, "maxlength": MAX_SHORT_REPLY}),
    )
    points = forms.CharField(
        label=_("Must be mentioned"),
        required=False,
        help_text=_("One a line: fees, terms, exceptions. Operators see them as ticks while they answer."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    long_text = forms.CharField(
        label=_("Text for the operator"),
        required=False,
        help_text=_("Background and steps, in Markdown. Never sent to visitors."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "maxlength": MAX_LONG_TEXT}),
    )

    def text(self) -> TextContent:
        """What was typed, as it stands."""
        said = self.cleaned_data
        return TextContent(said["title"], said["short_reply"], said["long_text"], _lines(said["points"]))

    def questions(self) -> tuple[str, ...]:
        return _lines(self.cleaned_data["variants"])


class SharedForm(forms.Form):
    """What all languages of an article share."""

    audience = forms.ChoiceField(
        label=_("Who sees it"),
        choices=Article.Audience.choices,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    topic = forms.ChoiceField(label=_("Topic"), required=False, widget=UnfoldAdminSelectWidget)
    owner = forms.ChoiceField(
        label=_("Owner"),
        required=False,
        help_text=_("Hears when operators say that it is wrong."),
        widget=UnfoldAdminSelectWidget,
    )
    review_on = forms.DateField(label=_("To be reviewed on"), required=False)
    valid_from = forms.DateField(label=_("Valid from"), required=False)
    valid_until = forms.DateField(label=_("Valid until"), required=False, help_text=_("The last day."))
    source = forms.CharField(
        label=_("Source"),
        required=False,
        help_text=_("A page, a contract, a person."),
        widget=UnfoldAdminTextInputWidget(attrs={"maxlength": MAX_SOURCE}),
    )
    related = forms.ModelMultipleChoiceField(
        label=_("Related articles"), queryset=Article.objects.none(), required=False, to_field_name="pk"
    )
    slug = forms.CharField(
        label=_("Short name"),
        required=False,
        help_text=_("Made of the title when empty. Imports recognise the article by it."),
        widget=UnfoldAdminTextInputWidget(attrs={"maxlength": MAX_SLUG, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, organisation: OrganisationRef, owner: tuple[UUID, str] | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in ("review_on", "valid_from", "valid_until"):
            self.fields[name].widget = forms.DateInput(
                attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d"
            )
        self.owners = managers_of(organisation)
        if owner is not None:
            self.owners.setdefault(str(owner[0]), owner[1])
        self.fields["owner"].choices = [("", "–"), *self.owners.items()]  # type: ignore[attr-defined]
        self.fields["topic"].choices = [("", "–"), *_topics(organisation)]  # type: ignore[attr-defined]
        related: Any = self.fields["related"]
        related.queryset = Article.objects.all()
        related.widget = AutocompleteSelectMultiple(
            Article._meta.get_field("related"),
            organisation_site,
            attrs={"class": "unfold-admin-autocomplete", "data-theme": "admin-autocomplete"},
        )
        related.widget.choices = related.choices


@dataclass(slots=True)
class ArticleForms:
    """The whole form; ``problems`` are those that belong to no field."""

    shared: SharedForm
    texts: dict[str, TextForm]
    problems: list[str]

    def is_valid(self) -> bool:
        return self.shared.is_valid() and all(form.is_valid() for form in self.texts.values())

    def content(self) -> Content:
        """What was typed. Only of a valid form."""
        shared = self.shared.cleaned_data
        owner = shared["owner"]
        return Content(
            slug=shared["slug"],
            audience=shared["audience"] or Article.Audience.OPERATORS.value,
            topic=shared["topic"],
            source=shared["source"],
            owner_id=UUID(owner) if owner else None,
            owner_name=self.shared.owners[owner] if owner else "",
            valid_from=shared["valid_from"],
            valid_until=shared["valid_until"],
            review_on=shared["review_on"],
            related=tuple(one.slug for one in shared["related"]),
            texts={language: form.text() for language, form in self.texts.items()},
            variants={language: form.questions() for language, form in self.texts.items()},
        )

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Says what is wrong where it is wrong."""
        for problem in problems:
            form: forms.Form | None = self.texts.get(problem.language) if problem.language else self.shared
            field = "owner" if problem.field == "owner_name" else problem.field
            if form is not None and field in form.fields:
                form.add_error(field, str(problem.message))
            else:
                self.problems.append(str(problem.message))

    def panels(self) -> Iterator[tuple[str, str, TextForm]]:
        """Language, its name, its part of the form."""
        names = dict(settings.LANGUAGES)
        for language, form in self.texts.items():
            yield language, str(names.get(language, language)), form

    def media(self) -> forms.Media:
        return self.shared.media


def article_forms(
    organisation: OrganisationRef, content: Content, related: Sequence[UUID], data: Any = None
) -> ArticleForms:
    """The form for this content: the organisation's languages, and others that the article has. Three queries."""
    languages = [*organisation.languages, *(code for code in content.texts if code not in organisation.languages)]
    owner = (content.owner_id, content.owner_name) if content.owner_id else None
    initial = {
        "slug": content.slug,
        "audience": content.audience,
        "topic": content.topic,
        "owner": str(content.owner_id or ""),
        "source": content.source,
        "valid_from": content.valid_from,
        "valid_until": content.valid_until,
        "review_on": content.review_on,
        "related": list(related),
    }
    texts = {}
    for language in languages:
        text = content.texts.get(language, TextContent(""))
        texts[language] = TextForm(
            data,
            prefix=f"text-{language}",
            initial={
                "title": text.title,
                "short_reply": text.short_reply,
                "long_text": text.long_text,
                "points": "\n".join(text.points),
                "variants": "\n".join(content.variants.get(language, ())),
            },
        )
    return ArticleForms(SharedForm(data, organisation=organisation, owner=owner, initial=initial), texts, [])


def managers_of(organisation: OrganisationRef) -> dict[str, str]:
    """Id → name of those who may own an article. One query."""
    rows = Membership.objects.filter(organisation_id=organisation.id, role=Membership.Role.MANAGER)
    return {str(user_id): name for user_id, name in rows.order_by("user__name").values_list("user_id", "user__name")}


def _topics(organisation: OrganisationRef) -> list[tuple[str, str]]:
    """Switched-off ones too: an article may stay about what visitors can no longer choose."""
    found = []
    for topic in Topic.objects.prefetch_related("labels"):
        labels = {label.language: label.label for label in topic.labels.all()}
        found.append(
            (topic.slug, next((labels[code] for code in organisation.languages if code in labels), topic.slug))
        )
    return found


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
