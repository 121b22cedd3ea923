"""Acme Outdoor's articles: a web shop, on first-name terms."""

from chatplatform.demo_shelf import DemoArticle

ACME_ARTICLES = (
    DemoArticle(
        slug="return-period",
        topic="returns",
        is_for_visitors=True,
        source="Terms of sale, article 6",
        related=("refund-when", "exchange-size"),
        texts={
            "en": (
                "Returning within 30 days",
                "You can return it within 30 days, unworn and with its labels. Start it under “My orders”; the label is"
                " in your mail within a minute.",
            ),
            "nl": (
                "Retourneren binnen 30 dagen",
                "{U kunt|Je kunt} het binnen 30 dagen terugsturen, ongedragen en met de labels eraan. Begin onder"
                " “Mijn bestellingen”; het label staat binnen een minuut in {uw|je} mail.",
            ),
            "ja": (
                "30日以内の返品",
                "未使用でタグ付きの商品は30日以内に返品できます。「注文履歴」からお手続きください。返送ラベルはすぐにメールで届きます。",
            ),
        },
        questions={
            "en": ("Can I send it back?", "How do I return my boots?", "How long do I have to return something?"),
            "nl": ("Kan ik het terugsturen?", "Hoe stuur ik schoenen retour?", "Hoe lang mag ik retourneren?"),
            "ja": ("返品したいです", "返品は何日以内ですか", "返品の方法を教えてください"),
        },
        points={"en": ("30 days", "unworn", "labels"), "nl": ("30 dagen", "ongedragen", "labels")},
        long_texts={
            "en": "**Exceptions:** underwear, socks and opened fuel canisters cannot come back.\n\n"
            "- Bought as a gift: the 30 days begin on the day of the gift receipt.\n- Sale items: same rule.",
        },
    ),
    DemoArticle(
        slug="refund-when",
        topic="returns",
        is_for_visitors=True,
        related=("return-period",),
        texts={
            "en": ("When a refund arrives", "Your money is back within 5 working days after your parcel reached us."),
            "nl": (
                "Wanneer het geld terug is",
                "{U heeft uw|Je hebt je} geld binnen 5 werkdagen nadat het pakket bij ons is terug.",
            ),
            "ja": ("返金の時期", "返品が届いてから5営業日以内に返金いたします。"),
        },
        questions={
            "en": ("When do I get my money back?", "How long does a refund take?", "I still have no refund"),
            "nl": ("Wanneer krijg ik mijn geld terug?", "Hoe lang duurt de terugbetaling?"),
            "ja": ("返金はいつですか", "お金はいつ戻りますか"),
        },
        points={"en": ("5 working days",), "nl": ("5 werkdagen",)},
    ),
    DemoArticle(
        slug="exchange-size",
        topic="returns",
        related=("boot-size",),
        texts={
            "en": (
                "Exchanging for another size",
                "Happy to swap it, {visitor}. Send the first pair back as a return and order the right size now: we pay"
                " the postage for both.",
            ),
            "nl": (
                "Ruilen voor een andere maat",
                "Ruilen kan. {Stuurt u|Stuur} het eerste paar retour en {bestelt u|bestel} meteen de juiste maat: wij"
                " betalen beide keren de verzendkosten.",
            ),
        },
        questions={
            "en": ("Can I exchange them for a bigger size?", "The boots are too small", "Swap size"),
            "nl": ("Kan ik ruilen voor een maat groter?", "De schoenen zijn te klein"),
        },
        points={"en": ("postage", "size guide"), "nl": ("verzendkosten", "maattabel")},
    ),
    DemoArticle(
        slug="delivery-time",
        topic="delivery",
        is_for_visitors=True,
        texts={
            "en": (
                "How long delivery takes",
                "Ordered before 22:00, delivered the next working day. {notice.carrier}",
            ),
            "nl": ("Hoe lang bezorgen duurt", "Voor 22:00 besteld is de volgende werkdag in huis. {notice.carrier}"),
            "ja": ("配送日数", "22時までのご注文は翌営業日にお届けします。{notice.carrier}"),
        },
        questions={
            "en": ("When will it be delivered?", "How long does shipping take?", "Do you deliver tomorrow?"),
            "nl": ("Wanneer wordt het bezorgd?", "Hoe lang duurt de verzending?", "Bezorgen jullie morgen?"),
            "ja": ("いつ届きますか", "配送にどのくらいかかりますか"),
        },
        points={"en": ("22:00", "next working day"), "nl": ("22:00", "volgende werkdag")},
    ),
    DemoArticle(
        slug="delivery-cost",
        topic="delivery",
        is_for_visitors=True,
        texts={
            "en": ("What delivery costs", "Delivery is free from € 50; below that it costs € 4.95."),
            "nl": ("Wat bezorgen kost", "Bezorgen is gratis vanaf € 50; daaronder kost het € 4,95."),
            "ja": ("送料", "50ユーロ以上のご注文は送料無料、それ未満は4.95ユーロです。"),
        },
        questions={
            "en": ("What does shipping cost?", "Is delivery free?", "How much is postage?"),
            "nl": ("Wat zijn de verzendkosten?", "Is bezorgen gratis?"),
            "ja": ("送料はいくらですか", "送料は無料ですか"),
        },
    ),
    DemoArticle(
        slug="parcel-missing",
        topic="delivery",
        source="Agreement with the carrier, 2.3",
        texts={
            "en": (
                "A parcel that did not arrive",
                "I am sorry, {visitor}. Please look with your neighbours and in the garden first; if it is not there by"
                " tomorrow noon, I send a new one at once.",
            ),
            "nl": (
                "Een pakket dat niet is aangekomen",
                "Dat is vervelend. {Wilt u|Wil je} eerst bij de buren en in de tuin kijken? Is het er morgenmiddag nog"
                " niet, dan sturen we meteen een nieuw.",
            ),
        },
        questions={
            "en": ("My parcel has not arrived", "It says delivered but I have nothing", "Where is my package?"),
            "nl": ("Mijn pakket is niet aangekomen", "Er staat bezorgd maar ik heb niets", "Waar blijft mijn pakje?"),
        },
        points={"en": ("neighbours", "tomorrow noon")},
        long_texts={"en": "Ask for the address on the confirmation. Above € 150 the carrier investigates first."},
    ),
    DemoArticle(
        slug="change-address",
        topic="delivery",
        texts={
            "en": (
                "Changing the delivery address",
                "Until the parcel is packed you can change the address under “My orders”. After that the link in the"
                " carrier's mail sends it elsewhere.",
            ),
            "nl": (
                "Het bezorgadres wijzigen",
                "Tot het pakket is ingepakt {kunt u|kun je} het adres wijzigen onder “Mijn bestellingen”. Daarna gaat"
                " het met de link in de mail van de bezorger.",
            ),
        },
        questions={
            "en": ("Can I change the delivery address?", "I moved house, wrong address on my order"),
            "nl": ("Kan ik het bezorgadres wijzigen?", "Het adres op mijn bestelling klopt niet"),
        },
    ),
    DemoArticle(
        slug="cancel-order",
        topic="order",
        is_for_visitors=True,
        texts={
            "en": (
                "Cancelling an order",
                "You can cancel under “My orders” until it is packed. After that, simply refuse the parcel: it comes"
                " back to us and you get your money.",
            ),
            "nl": (
                "Een bestelling annuleren",
                "Annuleren kan onder “Mijn bestellingen” tot het is ingepakt. Daarna {weigert u|weiger je} het pakket:"
                " dan komt het terug en {krijgt u uw|krijg je je} geld.",
            ),
            "ja": ("注文のキャンセル", "梱包前であれば「注文履歴」からキャンセルできます。"),
        },
        questions={
            "en": ("How do I cancel my order?", "I want to cancel", "Stop my order please"),
            "nl": ("Hoe annuleer ik mijn bestelling?", "Ik wil mijn order stoppen"),
            "ja": ("注文をキャンセルしたい", "キャンセルできますか"),
        },
    ),
    DemoArticle(
        slug="invoice",
        topic="order",
        texts={
            "en": ("Getting an invoice", "The invoice is under “My orders”, as a PDF, from the day of shipping."),
            "nl": ("Een factuur krijgen", "De factuur staat als pdf onder “Mijn bestellingen”, vanaf de verzenddag."),
        },
        questions={
            "en": ("Where is my invoice?", "I need a receipt with VAT"),
            "nl": ("Waar vind ik de factuur?", "Ik heb een bon met btw nodig"),
        },
    ),
    DemoArticle(
        slug="ways-to-pay",
        topic="order",
        is_for_visitors=True,
        texts={
            "en": ("Ways to pay", "You can pay by card, iDEAL, PayPal, or within 14 days after delivery by invoice."),
            "nl": ("Betaalmogelijkheden", "Betalen kan met iDEAL, kaart, PayPal, of achteraf binnen 14 dagen."),
        },
        questions={
            "en": ("How can I pay?", "Do you accept PayPal?", "Can I pay afterwards?"),
            "nl": ("Hoe kan ik betalen?", "Kan ik achteraf betalen?", "Kan ik met iDEAL betalen?"),
        },
    ),
    DemoArticle(
        slug="ridge-2-tent",
        topic="advice",
        texts={
            "en": (
                "The Ridge 2 tent",
                "The {product.ridge-2.name} sleeps two, weighs {product.ridge-2.weight}, keeps out"
                " {product.ridge-2.water column} of water and costs {product.ridge-2.price}; it is"
                " {product.ridge-2.stock}.",
            ),
            "nl": (
                "De Ridge 2-tent",
                "De Ridge 2 is voor twee personen, weegt {product.ridge-2.weight}, heeft een waterkolom van"
                " {product.ridge-2.water column} en kost {product.ridge-2.price}.",
            ),
        },
        questions={
            "en": ("Is the Ridge tent waterproof?", "How heavy is the two-person tent?", "What does the tent cost?"),
            "nl": ("Is de tent waterdicht?", "Hoe zwaar is de tweepersoonstent?"),
        },
        points={"en": ("two people", "water column")},
    ),
    DemoArticle(
        slug="boot-size",
        topic="advice",
        texts={
            "en": (
                "Choosing a boot size",
                "Measure your foot in the evening and add 1 cm. The {product.fell-boot.name} comes in"
                " {product.fell-boot.sizes} and runs a little small: half a size up is right for most.",
            ),
            "nl": (
                "De maat van wandelschoenen",
                "{Meet uw|Meet je} voet 's avonds en tel er 1 cm bij. Deze schoen valt iets klein uit: een halve maat"
                " groter past meestal.",
            ),
        },
        questions={
            "en": ("Which size of boot do I need?", "Do the boots run small?"),
            "nl": ("Welke maat wandelschoenen heb ik nodig?", "Vallen de schoenen klein uit?"),
        },
    ),
    DemoArticle(
        slug="warranty",
        topic="other",
        texts={
            "en": (
                "Warranty and repairs",
                "There are two years of warranty on everything, five on tents. Send us a photo of the damage and we say"
                " the same day whether we repair or replace it.",
            ),
            "nl": (
                "Garantie en reparatie",
                "Op alles zit twee jaar garantie, op tenten vijf. {Stuurt u|Stuur} een foto van de schade, dan hoort"
                " {u|je} dezelfde dag of we het repareren of vervangen.",
            ),
        },
        questions={
            "en": ("The zip is broken, is there a warranty?", "Can you repair my tent pole?"),
            "nl": ("De rits is kapot, is er garantie?", "Kunnen jullie mijn tentstok repareren?"),
        },
        points={"en": ("two years", "five on tents", "photo")},
    ),
    DemoArticle(
        slug="student-discount",
        topic="other",
        is_overdue=True,
        texts={
            "en": ("Discount for students", "Students get 10 % with a valid student card, not on sale items."),
            "nl": ("Studentenkorting", "Studenten krijgen 10 % met een geldige studentenkaart, niet op aanbiedingen."),
        },
        questions={
            "en": ("Is there a student discount?",),
            "nl": ("Hebben jullie studentenkorting?",),
        },
    ),
)
