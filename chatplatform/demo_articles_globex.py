"""Globex Bank's articles: formal, and nothing that asks for a secret."""

from chatplatform.demo_shelf import DemoArticle

GLOBEX_ARTICLES = (
    DemoArticle(
        slug="card-lost",
        topic="card",
        is_for_visitors=True,
        source="Card terms, section 4",
        related=("card-replacement", "unknown-payment"),
        texts={
            "en": (
                "A lost or stolen card",
                "Please block the card at once in the app under “Cards”, or by telephone on the emergency line, day and"
                " night. A new card reaches you within three working days, free of charge.",
            ),
            "nl": (
                "Een verloren of gestolen pas",
                "{Blokkeert u de|Blokkeer de} pas direct in de app onder “Passen”, of dag en nacht via de noodlijn. Een"
                " nieuwe pas volgt binnen drie werkdagen, kosteloos.",
            ),
        },
        questions={
            "en": ("I lost my card", "My card was stolen", "How do I block my card?"),
            "nl": ("Ik ben mijn pas kwijt", "Mijn pas is gestolen", "Hoe blokkeer ik mijn bankpas?"),
        },
        points={"en": ("block", "emergency line", "three working days", "free of charge")},
        long_texts={"en": "Never ask for the card number. **Fear of fraud:** the emergency line first, then this."},
    ),
    DemoArticle(
        slug="card-replacement",
        topic="card",
        texts={
            "en": (
                "Replacing a damaged card",
                "You may order a new card in the app under “Cards”. The old one works until the new one is activated.",
            ),
            "nl": ("Een beschadigde pas vervangen", "{U bestelt|Je bestelt} een nieuwe pas in de app onder “Passen”."),
        },
        questions={
            "en": ("My card is damaged", "The chip does not work", "I need a new card"),
            "nl": ("Mijn pas is kapot", "De chip doet het niet"),
        },
    ),
    DemoArticle(
        slug="pin-forgotten",
        topic="card",
        is_for_visitors=True,
        texts={
            "en": (
                "A forgotten or blocked PIN",
                "You can see your PIN in the app under “Cards”, “Show PIN”. After three wrong entries it is unblocked"
                " at any of our cash machines. We never ask for your PIN.",
            ),
            "nl": (
                "Pincode vergeten of geblokkeerd",
                "{U ziet uw|Je ziet je} pincode in de app onder “Passen”, “Toon pincode”. Wij vragen nooit naar een"
                " pincode.",
            ),
        },
        questions={
            "en": ("I forgot my PIN", "My PIN is blocked", "How do I change my PIN?"),
            "nl": ("Ik ben mijn pincode vergeten", "Mijn pincode is geblokkeerd"),
        },
        points={"en": ("never ask",)},
    ),
    DemoArticle(
        slug="contactless-limit",
        topic="card",
        is_for_visitors=True,
        texts={
            "en": (
                "Contactless payments",
                "Contactless works up to £ 100 at a time. A lower limit can be set in the app under “Cards”.",
            ),
            "nl": ("Contactloos betalen", "Contactloos betalen kan tot £ 100 per keer; de limiet staat in de app."),
        },
        questions={
            "en": ("What is the contactless limit?", "Contactless does not work"),
            "nl": ("Wat is de limiet voor contactloos betalen?", "Contactloos werkt niet"),
        },
    ),
    DemoArticle(
        slug="paying-abroad",
        topic="card",
        texts={
            "en": (
                "Paying abroad",
                "With the {product.traveller.name} you pay {product.traveller.abroad}; the card costs"
                " {product.traveller.fee}. Cash machines abroad may add a fee of their own.",
            ),
            "nl": (
                "Betalen in het buitenland",
                "De kosten voor andere valuta ziet {u|je} vooraf in de app. Geldautomaten in het buitenland kunnen zelf"
                " kosten rekenen.",
            ),
        },
        questions={
            "en": ("What does paying abroad cost?", "Which fee for another currency?", "Can I use my card on holiday?"),
            "nl": ("Wat kost betalen in het buitenland?", "Kan ik pinnen op vakantie?"),
        },
        points={"en": ("fee", "cash machines")},
    ),
    DemoArticle(
        slug="open-account",
        topic="account",
        is_for_visitors=True,
        texts={
            "en": (
                "Opening an account",
                "You can open the {product.everyday.name} in the app in ten minutes; have your passport at hand. It"
                " costs {product.everyday.fee}.",
            ),
            "nl": ("Een rekening openen", "Een rekening opent {u|je} in tien minuten in de app, met een paspoort."),
        },
        questions={
            "en": ("How do I open an account?", "What do I need for a new account?", "What does an account cost?"),
            "nl": ("Hoe open ik een rekening?", "Wat kost een rekening?"),
        },
        points={"en": ("passport", "£ 2.50")},
    ),
    DemoArticle(
        slug="close-account",
        topic="account",
        texts={
            "en": (
                "Closing an account",
                "You may close the account in the app under “Settings” once its balance is nil; direct debits are moved"
                " for thirteen months.",
            ),
            "nl": ("Een rekening opzeggen", "{U kunt|Je kunt} de rekening opzeggen in de app, bij een saldo van nul."),
        },
        questions={
            "en": ("How do I close my account?", "I want to leave the bank"),
            "nl": ("Hoe zeg ik mijn rekening op?", "Ik wil mijn rekening sluiten"),
        },
    ),
    DemoArticle(
        slug="statements",
        topic="account",
        is_for_visitors=True,
        texts={
            "en": ("Statements", "Statements of the last ten years are in the app under “Documents”, as PDF."),
            "nl": ("Afschriften", "Afschriften van de laatste tien jaar staan in de app onder “Documenten”."),
        },
        questions={
            "en": ("Where are my statements?", "I need a bank statement for my landlord"),
            "nl": ("Waar vind ik mijn afschriften?", "Ik heb een rekeningafschrift nodig"),
        },
    ),
    DemoArticle(
        slug="change-of-address",
        topic="account",
        texts={
            "en": (
                "A change of address",
                "Please change your address in the app under “Profile”; it holds from the next day, for all accounts.",
            ),
            "nl": ("Adres wijzigen", "{U wijzigt uw|Je wijzigt je} adres in de app onder “Profiel”."),
        },
        questions={
            "en": ("I have moved", "How do I change my address?"),
            "nl": ("Ik ben verhuisd", "Hoe wijzig ik mijn adres?"),
        },
    ),
    DemoArticle(
        slug="transfer-time",
        topic="transfer",
        is_for_visitors=True,
        texts={
            "en": (
                "How long a transfer takes",
                "Transfers within the country arrive within seconds, abroad within two working days."
                " {notice.maintenance}",
            ),
            "nl": (
                "Hoe lang een overboeking duurt",
                "Binnenlands binnen enkele seconden, naar het buitenland binnen twee werkdagen.",
            ),
        },
        questions={
            "en": ("How long does a transfer take?", "My transfer has not arrived", "When is the money there?"),
            "nl": ("Hoe lang duurt een overboeking?", "Mijn overboeking is niet aangekomen"),
        },
        points={"en": ("seconds", "two working days")},
    ),
    DemoArticle(
        slug="transfer-wrong",
        topic="transfer",
        texts={
            "en": (
                "A transfer to the wrong account",
                "Please tell us the day and the amount; we ask the other bank to send it back. That takes up to twenty"
                " working days, and the recipient must agree.",
            ),
            "nl": (
                "Naar de verkeerde rekening overgemaakt",
                "{Wilt u|Wil je} de dag en het bedrag noemen? Wij vragen de andere bank om het terug te storten.",
            ),
        },
        questions={
            "en": ("I transferred to the wrong account", "Can you take back a payment?"),
            "nl": ("Ik heb naar de verkeerde rekening overgemaakt", "Kan een betaling terug?"),
        },
        points={"en": ("twenty working days", "recipient must agree")},
    ),
    DemoArticle(
        slug="direct-debit",
        topic="transfer",
        texts={
            "en": (
                "Refusing a direct debit",
                "A direct debit can be refused within eight weeks in the app: choose it and then “Reverse”.",
            ),
            "nl": ("Een incasso storneren", "Een incasso {kunt u|kun je} binnen acht weken storneren in de app."),
        },
        questions={
            "en": ("How do I stop a direct debit?", "A company took money I did not agree to"),
            "nl": ("Hoe storneer ik een automatische incasso?",),
        },
    ),
    DemoArticle(
        slug="unknown-payment",
        topic="security",
        related=("card-lost",),
        texts={
            "en": (
                "A payment that is not yours",
                "Please block the card first, then report the payment in the app: choose it and “Not mine”. You get the"
                " amount back within one working day while we investigate.",
            ),
            "nl": (
                "Een onbekende afschrijving",
                "{Blokkeert u|Blokkeer} eerst de pas en {meldt u|meld} de betaling daarna in de app.",
            ),
        },
        questions={
            "en": ("I do not recognise a payment", "There is a strange charge on my account", "Somebody used my card"),
            "nl": ("Ik herken een afschrijving niet", "Er is geld van mijn rekening gehaald"),
        },
        points={"en": ("block", "one working day")},
    ),
    DemoArticle(
        slug="phishing",
        topic="security",
        is_for_visitors=True,
        texts={
            "en": (
                "A suspicious message",
                "Please do not open the link. Forward the message to our fraud team and delete it; if you entered"
                " anything, call the emergency line at once.",
            ),
            "nl": (
                "Een verdacht bericht",
                "{Opent u|Open} de link niet. {Stuurt u|Stuur} het bericht door aan ons fraudeteam en"
                " {verwijdert u|verwijder} het daarna.",
            ),
        },
        questions={
            "en": (
                "I got a strange text from the bank",
                "Is this mail really yours?",
                "I clicked a phishing link",
            ),
            "nl": ("Ik kreeg een verdacht bericht", "Is deze mail echt van jullie?"),
        },
        points={"en": ("link", "emergency line")},
    ),
)
