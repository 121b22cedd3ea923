"""The demo's organisations, topics and people: two clients that differ in tone, hours, languages and operators."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time

from django.db import transaction

from chatplatform.demo import LOGINS
from chatplatform.demo_articles import ACME_KNOWLEDGE, GLOBEX_KNOWLEDGE, load_knowledge
from conversations.models import Specialist
from knowledgebase.models import Topic, TopicLabel
from operators.cards import CardText, confirm_card, newest_card, publish_card
from operators.models import Operator, Posting, Shift
from operators.services import register_operator
from tenants.calendars import add_holidays, replace_week
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.hours import Interval
from tenants.models import CalendarKind, Membership, Organisation, StaffRole, Website
from tenants.public_holidays import holidays_of
from tenants.selectors import organisation_by_slug, public_origin
from tenants.services import ALL_DAY, NewOrganisation, NewWebsite, create_account, create_organisation

OPERATOR_CAPACITY = 4
PASSWORDS = {email: password for email, password, _what in LOGINS}


@dataclass(frozen=True, slots=True)
class DemoTopic:
    """``labels`` maps a language to what visitors read and the words that point to the topic, parted by commas."""

    slug: str
    labels: dict[str, tuple[str, str]]


ACME = NewOrganisation(
    slug="acme",
    name="Acme Outdoor",
    host="acme.localhost",
    time_zone="Europe/Amsterdam",
    languages=("en", "nl"),
    colour="#1f6f54",
    texts={
        "en": (
            "Hi! Great to see you here. What can we help you with? Somebody will be with you in a moment.",
            "Thanks for dropping by. Have fun out there, whatever the weather!",
        ),
        "nl": (
            "Hoi! Leuk dat je er bent. Waar kunnen we je mee helpen? Er is zo iemand voor je.",
            "Bedankt voor je bericht. Veel plezier buiten, wat voor weer het ook is!",
        ),
    },
    hours=tuple((weekday, time(8), time(23)) for weekday in range(7)),
)
ACME_TOPICS = (
    DemoTopic(
        "order",
        {
            "en": ("My order", "order number, cancel my order, change my order, order confirmation, invoice"),
            "nl": (
                "Mijn bestelling",
                "bestelnummer, bestelling annuleren, bestelling wijzigen, orderbevestiging, factuur",
            ),
            "ja": ("注文", "注文番号, 注文確認, 注文を変更, 注文をキャンセル, 領収書"),
        },
    ),
    DemoTopic(
        "delivery",
        {
            "en": ("Delivery", "delivery, deliver, delivered, shipping, parcel, courier, track and trace"),
            "nl": (
                "Levering",
                "levering, bezorging, bezorgen, bezorgd, verzending, pakket, pakje, bezorger, track and trace",
            ),
            "ja": ("配送", "配送, 配達, 届き, 届か, 発送, 荷物, 送料"),
        },
    ),
    DemoTopic(
        "returns",
        {
            "en": ("Returns", "return, returning, send back, refund, exchange"),
            "nl": ("Retourneren", "retour, retourneren, terugsturen, ruilen, terugbetaling, geld terug"),
            "ja": ("返品", "返品, 交換, 返金"),
        },
    ),
    DemoTopic(
        "advice",
        {
            "en": ("Advice about gear", "advice, recommend, suitable for, which size, which tent, which boot"),
            "nl": ("Advies over uitrusting", "advies, aanraden, geschikt voor, welke maat, welke tent, welke schoen"),
            "ja": ("用品の相談", "おすすめ, お勧め, アドバイス, どのサイズ, どのテント"),
        },
    ),
    DemoTopic("other", {"en": ("Something else", ""), "nl": ("Iets anders", ""), "ja": ("その他", "")}),
)

GLOBEX = NewOrganisation(
    slug="globex",
    name="Globex Bank",
    host="globex.localhost",
    time_zone="Europe/London",
    languages=("en",),
    colour="#24427c",
    texts={
        "en": (
            "Good day, and welcome to Globex Bank. Please tell us how we may assist you; a member of our team will"
            " reply shortly. We will never ask for your PIN or password here.",
            "Thank you for contacting Globex Bank. We remain at your service at any hour.",
        ),
    },
    hours=tuple((weekday, *ALL_DAY) for weekday in range(7)),
)
GLOBEX_TOPICS = (
    DemoTopic(
        "account",
        {
            "en": ("My account", "account, statement, balance, change of address"),
            "nl": ("Mijn rekening", "rekening, afschrift, saldo, adreswijziging"),
            "ja": ("口座", "口座, 残高, 明細, 住所変更"),
        },
    ),
    DemoTopic(
        "card",
        {
            "en": ("Cards", "card, credit card, debit card, contactless"),
            "nl": ("Passen", "bankpas, pasje, mijn pas, creditcard, contactloos"),
            "ja": ("カード", "カード, 暗証番号"),
        },
    ),
    DemoTopic(
        "transfer",
        {
            "en": ("Transfers", "transfer, standing order, direct debit, international payment"),
            "nl": ("Overboekingen", "overboeking, overboeken, overmaken, automatische incasso"),
            "ja": ("振込", "振込, 振り込み, 送金, 自動引き落とし"),
        },
    ),
    DemoTopic(
        "security",
        {
            "en": ("Security and fraud", "fraud, phishing, scam, scammed, stolen, hacked"),
            "nl": ("Veiligheid en fraude", "fraude, phishing, oplichting, opgelicht, gestolen, gehackt"),
            "ja": ("セキュリティと不正利用", "詐欺, 不正利用, フィッシング, 盗まれ, 盗難"),
        },
    ),
    DemoTopic("other", {"en": ("Another matter", ""), "nl": ("Iets anders", ""), "ja": ("その他", "")}),
)


ACME_CARD = CardText(
    tone="First names, short sentences, a little humour. Acme's visitors go outdoors: talk about weather and mud.",
    dos="Name the delivery day, never only the number of days.\nOffer the size guide before an exchange.",
    donts="Promise no discounts.\nRecommend no other shop.",
    specialists="Stan: tents, their seams and repairs.",
)
GLOBEX_CARD = CardText(
    tone="Formal and calm. Address visitors as Sir or Madam until they give a name.",
    dos="Say what happens next, and by when.\nSend anybody who fears fraud to the emergency line first.",
    donts="Never ask for a PIN, a password or a full card number.\nGive no advice on investments.",
    specialists="Mona: transfers that were stopped.",
)

# (name, e-mail, language, topics, order)
ACME_SPECIALISTS = (
    ("Stan", "stan@acme.example", "en", ("advice", "returns"), 1),
    ("Sanne", "sanne@acme.example", "nl", (), 2),
)

SHIFTS = (
    ("olga@desk.example", range(5), time(8), time(16, 30)),
    ("omar@desk.example", range(1, 6), time(14), time(22, 30)),
)


def load() -> None:
    """Everything above; safe to run again, and after it was changed by hand."""
    load_cast()
    acme, globex = organisation_by_slug("acme"), organisation_by_slug("globex")
    for organisation, card in ((acme, ACME_CARD), (globex, GLOBEX_CARD)):
        if newest_card(organisation.id) is None:
            _confirm_for_all(organisation, publish_card(organisation, card, None).version)
    load_knowledge(acme, ACME_KNOWLEDGE)
    load_knowledge(globex, GLOBEX_KNOWLEDGE)
    _plan_shifts()
    _keep_holidays(acme, [CalendarKind.DESK, CalendarKind.SPECIALISTS], "NL", "", specialists=(time(9), time(17)))
    # The bank's desk answers every day of the year, its specialists do not.
    _keep_holidays(globex, [CalendarKind.SPECIALISTS], "GB", "ENG", specialists=(time(8, 30), time(18)))


def load_cast() -> None:
    """The organisations and their people, without client cards: nobody has anything to confirm."""
    acme = _organisation(ACME, website=("acme-shop", "Acme Outdoor shop"), topics=ACME_TOPICS)
    globex = _organisation(GLOBEX, website=("globex-bank", "Globex Bank"), topics=GLOBEX_TOPICS)
    in_organisation(acme, _make_specialists)
    _operator("olga@desk.example", "Olga", languages=("en", "nl"), posted_to=(acme, globex))
    _operator("omar@desk.example", "Omar", languages=("nl", "en"), posted_to=(acme,))
    _staff("sam@desk.example", "Sam", StaffRole.Role.SUPERVISOR)
    _staff("ada@desk.example", "Ada", StaffRole.Role.PLATFORM_ADMIN)
    _own_person("maud@acme.example", "Maud", acme, Membership.Role.MANAGER)
    _own_person("stan@acme.example", "Stan", acme, Membership.Role.SPECIALIST)
    _own_person("mona@globex.example", "Mona", globex, Membership.Role.MANAGER)


def _organisation(new: NewOrganisation, *, website: tuple[str, str], topics: Sequence[DemoTopic]) -> OrganisationRef:
    key, name = website
    origin = public_origin(f"{key}.localhost")
    organisation = create_organisation(replace(new, websites=[NewWebsite(key=key, name=name, origins=[origin])]))
    _allow_origin(organisation, key, origin)
    in_organisation(organisation, _make_topics, topics)
    return organisation


def _keep_holidays(
    organisation: OrganisationRef,
    kinds: Sequence[str],
    country: str,
    region: str,
    *,
    specialists: tuple[time, time],
) -> None:
    """Specialists' hours from Monday to Friday and this and next year's holidays: once, whatever is done to them."""
    if Organisation.objects.get(pk=organisation.id).country:
        return
    week = [Interval(weekday, *specialists) for weekday in range(5)]
    replace_week(organisation, CalendarKind.SPECIALISTS, week, actor_id=None)
    this_year = platform_now().year
    coming = [
        one for year in (this_year, this_year + 1) for one in holidays_of(country, region, year, organisation.languages)
    ]
    add_holidays(organisation, kinds, coming, country=country, region=region, actor_id=None)


def _allow_origin(organisation: OrganisationRef, key: str, origin: str) -> None:
    """Another port than last time is another origin; the earlier ones stay."""
    with transaction.atomic():
        website = Website.objects.select_for_update().filter(organisation_id=organisation.id, key=key).first()
        if website is not None and origin not in website.origins:
            website.origins = [*website.origins, origin]
            website.save(update_fields=["origins"])


def _make_topics(organisation: OrganisationRef, topics: Sequence[DemoTopic]) -> None:
    for position, wanted in enumerate(topics):
        topic, is_new = Topic.objects.get_or_create(slug=wanted.slug, defaults={"position": position})
        if is_new:
            for language, (label, words) in wanted.labels.items():
                known_by = words.split(", ") if words else []
                TopicLabel.objects.create(topic=topic, language=language, label=label, words=known_by)


def _make_specialists(_organisation: OrganisationRef) -> None:
    for name, email, language, topics, position in ACME_SPECIALISTS:
        Specialist.objects.get_or_create(
            email=email,
            defaults={"name": name, "language": language, "topics": list(topics), "position": position},
        )


def _operator(email: str, name: str, *, languages: Sequence[str], posted_to: Sequence[OrganisationRef]) -> None:
    user = create_account(email, name, PASSWORDS[email], staff_roles=[StaffRole.Role.OPERATOR])
    if not Operator.objects.filter(pk=user.pk).exists():
        register_operator(user, name=name, languages=languages, capacity=OPERATOR_CAPACITY, organisations=posted_to)


def _plan_shifts() -> None:
    """Weekly shifts, with gaps in the evening and at the weekend for the staffing page to show."""
    for email, weekdays, starts, ends in SHIFTS:
        operator_id = Operator.objects.filter(user__email=email).values_list("pk", flat=True).first()
        if operator_id is None or Shift.objects.filter(operator_id=operator_id).exists():
            continue
        Shift.objects.bulk_create(
            Shift(operator_id=operator_id, weekday=weekday, starts=starts, ends=ends) for weekday in weekdays
        )


def _confirm_for_all(organisation: OrganisationRef, version: int) -> None:
    """The demo's operators know their clients, so that the demo works at once."""
    for operator_id in Posting.objects.filter(organisation_id=organisation.id).values_list("operator_id", flat=True):
        confirm_card(operator_id, organisation, version)


def _staff(email: str, name: str, role: str) -> None:
    create_account(email, name, PASSWORDS[email], staff_roles=[role])


def _own_person(email: str, name: str, organisation: OrganisationRef, role: str) -> None:
    create_account(email, name, PASSWORDS[email], memberships=[(organisation, role)])
