"""What replies are made to measure with, on the organisation's site: notices, products with facts, form of address."""

import re
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Field, Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextareaWidget

from knowledgebase.manners import addresses_of, set_addresses
from knowledgebase.models import Address, Manner, Notice, Product, Topic
from tenants.admin_site import AskedPlainly, OrganisationSite, Page, organisation_site
from tenants.clock import platform_now
from tenants.errors import Invalid

FACT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
FACTS_PER_PRODUCT = 40
VALUE_CHARACTERS = 200

# How the difference sounds: (formal, informal). A language that is not here has no words of its own for it.
EXAMPLES = {
    "nl": ("Heeft u uw bestelnummer bij de hand?", "Heb je je bestelnummer bij de hand?"),
    "ja": ("ご注文番号をお知らせいただけますでしょうか。", "注文番号を教えてください。"),
}


class NoticeForm(forms.ModelForm):
    """Without a beginning a notice holds from now on."""

    topics = forms.MultipleChoiceField(
        label=_("Topics"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None: for all of them.")
    )

    class Meta:
        model = Notice
        fields: ClassVar[list[str]] = ["text", "language", "slug", "starts_at", "ends_at", "is_shown", "topics"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slugs = [*Topic.objects.values_list("slug", flat=True)]
        slugs += [slug for slug in self.instance.topics if slug not in slugs]
        self.fields["topics"].choices = [(slug, slug) for slug in slugs]  # type: ignore[attr-defined]
        self.fields["starts_at"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "starts_at" in cleaned:
            cleaned["starts_at"] = cleaned["starts_at"] or platform_now()
            if cleaned.get("ends_at") and cleaned["ends_at"] <= cleaned["starts_at"]:
                raise ValidationError({"ends_at": _("This is not after the beginning.")})
        return cleaned


@admin.register(Notice, site=organisation_site)
class NoticePage(AskedPlainly, Page):
    """Standing notices: what holds for now."""

    group = OrganisationSite.KNOWLEDGE
    position = 6
    icon = "campaign"
    can_add = can_change = can_delete = True
    form = NoticeForm
    list_display = ["text", "language", "state_shown", "starts_at", "ends_at", "placeholder"]
    list_filter = ["language", "is_shown"]
    search_fields = ["slug", "text"]
    prepopulated_fields: ClassVar[dict[str, list[str]]] = {"slug": ["text"]}
    ordering = ["-starts_at"]
    empty_title = _("No notices yet")
    empty_text = _(
        "A delay at the carrier, a shop that is closed this week: operators see it above the suggestions for as long as"
        " it holds, and a reply can quote it. When it is over it disappears by itself."
    )

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, DateTimeField):
            kwargs["form_class"] = forms.DateTimeField
            kwargs["widget"] = forms.DateTimeInput(
                attrs={"type": "datetime-local", "class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%dT%H:%M"
            )
            return db_field.formfield(**kwargs)
        if db_field.name == "text":
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 3, "maxlength": 500})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str]:
        return {"language": request.organisation.languages[0]}  # type: ignore[attr-defined]

    @display(
        description=_("state"),
        label={"now": "success", "later": "info", "over": "default"},
    )
    def state_shown(self, obj: Notice) -> tuple[str, str]:
        now = platform_now()
        if obj.ends_at is not None and obj.ends_at <= now:
            return "over", gettext("over")
        return ("later", gettext("later")) if obj.starts_at > now else ("now", gettext("holds now"))

    @admin.display(description=_("in a reply"))
    def placeholder(self, obj: Notice) -> str:
        return f"{{notice.{obj.slug}}}"


class FactsField(forms.CharField):
    """Facts as lines, ``name: value``."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 8, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{name}: {fact}" for name, fact in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        facts: dict[str, str] = {}
        for number, line in enumerate(str(value or "").splitlines(), 1):
            if not line.strip():
                continue
            name, colon, fact = (part.strip() for part in line.partition(":"))
            where = {"number": number}
            if not colon or not fact:
                raise ValidationError(_("Line %(number)s: write a name, a colon and a value.") % where)
            if not FACT_NAME.fullmatch(name):
                raise ValidationError(
                    _("Line %(number)s: a name has only small letters, digits, - and _, at most 40.") % where
                )
            if name in facts:
                raise ValidationError(_("Line %(number)s: this name was there before.") % where)
            if len(fact) > VALUE_CHARACTERS:
                raise ValidationError(_("Line %(number)s: a value has at most 200 characters.") % where)
            facts[name] = fact
        if len(facts) > FACTS_PER_PRODUCT:
            raise ValidationError(_("A product has at most 40 facts."))
        return facts

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or {}) != self.to_python(data))
        except ValidationError:
            return True


class ProductForm(forms.ModelForm):
    """A product, its facts one a line."""

    facts = FactsField(
        label=_("Facts"), required=False, help_text=_("One a line, such as “price: € 249”. Replies quote them.")
    )

    class Meta:
        model = Product
        fields: ClassVar[list[str]] = ["name", "slug", "facts"]


@admin.register(Product, site=organisation_site)
class ProductPage(Page):
    """What the client sells or does, with facts that replies quote."""

    group = OrganisationSite.KNOWLEDGE
    position = 7
    icon = "inventory_2"
    menu_title = _("products and facts")
    can_add = can_change = can_delete = True
    form = ProductForm
    list_display = ["name", "facts_shown", "placeholders", "changed_at"]
    search_fields = ["name", "slug"]
    prepopulated_fields: ClassVar[dict[str, list[str]]] = {"slug": ["name"]}
    empty_title = _("No products yet")
    empty_text = _(
        "A price, a size, what is in stock: write it once here and quote it in any reply. When the fact changes, every"
        " answer changes with it."
    )

    def save_model(self, request: HttpRequest, obj: Product, form: forms.ModelForm, change: bool) -> None:
        obj.changed_at = platform_now()
        super().save_model(request, obj, form, change)

    @admin.display(description=_("facts"))
    def facts_shown(self, obj: Product) -> str:
        return " · ".join(f"{name}: {fact}" for name, fact in obj.facts.items()) or "–"

    @admin.display(description=_("in a reply"))
    def placeholders(self, obj: Product) -> str:
        named = ((f"{{product.{obj.slug}.{name}}}",) for name in obj.facts)
        return format_html_join(" ", '<code class="placeholder">{}</code>', named) or "–"


@admin.register(Manner, site=organisation_site)
class MannerPage(Page):
    """One page for all languages: formal or informal."""

    group = OrganisationSite.KNOWLEDGE
    position = 8
    icon = "record_voice_over"
    menu_title = _("form of address")
    can_change = True

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["language"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Each of the organisation's languages with both forms and how they sound. One query."""
        organisation = request.organisation  # type: ignore[attr-defined]
        if request.method == "POST":
            asked = {language: request.POST.get(f"address-{language}", "") for language in organisation.languages}
            try:
                changed = set_addresses(organisation, asked, actor_id=request.user.pk)
            except Invalid as error:
                self.message_user(request, str(error.message), messages.ERROR)
            else:
                text = ngettext("Saved: %(count)s language changed.", "Saved: %(count)s languages changed.", changed)
                self.message_user(request, text % {"count": changed}, messages.SUCCESS)
            return HttpResponseRedirect(request.path)
        names = dict(settings.LANGUAGES)
        rows = [
            (language, names.get(language, language), address, EXAMPLES.get(language, ("", "")))
            for language, address in addresses_of(organisation).items()
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Form of address"),
            "rows": rows,
            "formal": Address.FORMAL,
            "informal": Address.INFORMAL,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/manners.html", context)
