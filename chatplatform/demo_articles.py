"""What the demo's organisations know: articles, notices, products, and how they address their visitors."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from chatplatform.demo_articles_acme import ACME_ARTICLES
from chatplatform.demo_articles_globex import GLOBEX_ARTICLES
from chatplatform.demo_shelf import DemoArticle
from knowledgebase.content import Content, TextContent
from knowledgebase.manners import set_addresses
from knowledgebase.models import Article, Manner, Notice, Product
from knowledgebase.services.articles import Editor, Wanted, publish, save_articles
from knowledgebase.validity import local_today
from tenants.context import OrganisationRef, in_organisation
from tenants.models import User

REVIEWED_EVERY = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class DemoKnowledge:
    """``notices`` are short name → language → text; ``products`` short name → (name, facts); ``addresses`` by
    language."""

    manager: str
    articles: Sequence[DemoArticle]
    notices: dict[str, dict[str, str]] = field(default_factory=dict)
    products: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)


ACME_KNOWLEDGE = DemoKnowledge(
    "maud@acme.example",
    ACME_ARTICLES,
    notices={
        "carrier": {
            "en": "Parcels take one day longer this week: our carrier is short of drivers.",
            "nl": "Pakketten doen er deze week een dag langer over: onze bezorger heeft te weinig chauffeurs.",
            "ja": "今週は配送業者の人手不足のため、お届けに通常より1日多くかかります。",
        }
    },
    products={
        "ridge-2": (
            "Ridge 2 tent",
            {"price": "€ 189", "weight": "2.1 kg", "water column": "4000 mm", "stock": "in stock"},
        ),
        "fell-boot": ("Fell boot", {"price": "€ 149", "sizes": "36 to 47", "stock": "in stock, size 44 on Friday"}),
        "drizzle-jacket": ("Drizzle jacket", {"price": "€ 119", "water column": "10,000 mm", "stock": "sold out"}),
    },
    addresses={"nl": "informal", "en": "informal"},
)
GLOBEX_KNOWLEDGE = DemoKnowledge(
    "mona@globex.example",
    GLOBEX_ARTICLES,
    notices={"maintenance": {"en": "The app is under maintenance on Sunday between 02:00 and 05:00."}},
    products={
        "everyday": ("Everyday account", {"fee": "£ 2.50 a month", "card fee": "£ 0", "overdraft": "£ 500"}),
        "traveller": ("Traveller card", {"fee": "£ 4 a month", "abroad": "1.2 % for other currencies"}),
    },
    addresses={"en": "formal"},
)


def load_knowledge(organisation: OrganisationRef, knowledge: DemoKnowledge) -> None:
    """What is missing of it; what somebody changed stays."""
    in_organisation(organisation, _load, knowledge)


def _load(organisation: OrganisationRef, knowledge: DemoKnowledge) -> None:
    account = User.objects.get(email=knowledge.manager)
    editor = Editor(account.pk, account.name)
    if not Manner.objects.exists():
        set_addresses(organisation, knowledge.addresses, actor_id=account.pk)
    for slug, texts in knowledge.notices.items():
        for language, text in texts.items():
            Notice.objects.get_or_create(slug=slug, language=language, defaults={"text": text})
    for slug, (name, facts) in knowledge.products.items():
        Product.objects.get_or_create(slug=slug, defaults={"name": name, "facts": facts})
    known = set(Article.objects.values_list("slug", flat=True))
    missing = [article for article in knowledge.articles if article.slug not in known]
    wanted = [Wanted(None, _content_of(organisation, article, editor)) for article in missing]
    for article in save_articles(editor, wanted, "For the demo"):
        publish(editor, article.pk, "For the demo")


def _content_of(organisation: OrganisationRef, article: DemoArticle, editor: Editor) -> Content:
    today = local_today(organisation)
    content = Content(
        slug=article.slug,
        audience="visitors" if article.is_for_visitors else "operators",
        topic=article.topic,
        source=article.source,
        owner_id=editor.id,
        owner_name=editor.name,
        related=article.related,
        review_on=today + (-timedelta(days=9) if article.is_overdue else REVIEWED_EVERY),
        texts={
            language: TextContent(title, reply, article.long_texts.get(language, ""), article.points.get(language, ()))
            for language, (title, reply) in article.texts.items()
        },
        variants=article.questions,
    )
    return replace(content, valid_from=today - REVIEWED_EVERY)
