"""Which texts ask whether, or when, we are open. A doubtful one goes to a person."""

import pytest

from knowledgebase.opening_questions import MAX_CHARACTERS, asks_for_opening_hours

pytestmark = pytest.mark.no_database

ENGLISH = [
    "Are you open?",
    "are you open today",
    "Are you guys still open?",
    "are u open now??",
    "Hi, are you open on Sunday?",
    "What are your opening hours?",
    "What are the opening times this weekend?",
    "opening hours",
    "Business hours?",
    "When do you open?",
    "What time do you close?",
    "what time are you open till",
    "How late are you open tonight?",
    "Until when are you open?",
    "Until what time are you open today?",
    "When will you be open again?",
    "Are you closed on Christmas Day?",
    "Is the shop open on Monday?",
    "Is the chat still open?",
    "Till when are you available today?",
    "Are you available on Saturdays?",
    "Are you open 24/7?",
    "Could you please tell me when you are open?",
    "Do you open on Sundays?",
    "Are you open from 9am to 5pm tomorrow?",
]
DUTCH = [
    "Zijn jullie open?",
    "Zijn jullie vandaag nog open?",
    "zijn jullie zondag geopend",
    "Bent u nu geopend?",
    "Ben je nu open?",
    "Wat zijn jullie openingstijden?",
    "openingstijden",
    "Openingsuren aub",
    "Wat is de openingstijd op zaterdag?",
    "Hoe laat gaan jullie open?",
    "Tot hoe laat zijn jullie open?",
    "Tot hoe laat zijn jullie bereikbaar?",
    "Hoe laat sluiten jullie?",
    "Wanneer gaan jullie dicht?",
    "Wanneer zijn jullie weer open?",
    "Vanaf hoe laat zijn jullie geopend?",
    "Is de winkel zondag open?",
    "Is de chat nog open?",
    "Zijn jullie gesloten met Kerst?",
    "Zijn jullie morgen bereikbaar?",
    "Kunt u mij zeggen tot hoe laat u open bent?",
    "Hoi, zijn jullie 's avonds ook open?",
]
JAPANESE = [
    "営業時間を教えてください",
    "営業時間は何時までですか？",
    "受付時間は？",
    "何時まで営業していますか",
    "何時まで開いていますか？",
    "何時までやってますか",
    "何時から営業していますか？",
    "何時から開いてますか",
    "今営業していますか？",
    "今開いていますか",
    "まだやってますか？",
    "まだ開いてますか",
    "今日は営業していますか？",
    "本日は営業していますか",
    "今日やってますか",
    "日曜日は営業していますか？",
    "定休日はいつですか",
    "何時に開きますか",
    "何時に閉まりますか？",
]
NEAR_MISSES = [
    "Can I open an account?",
    "Is the tent open at the bottom?",
    "When do you open the returns I sent?",
    "When do you open my parcel?",
    "Are you able to open the PDF I sent?",
    "Are you open to discounts?",
    "Are you open to a refund instead?",
    "Are you closed minded?",
    "When will you close my account?",
    "When do you close the case I reported?",
    "What time do you close the books for this month?",
    "Is the ridge tent available in green?",
    "When will the ridge tent be available again?",
    "Are these boots available in size 43?",
    "Are you sure the zip is closed when it ships?",
    "My account is closed, why?",
    "Is the bank open about its fees?",
    "Is the shop open source?",
    "The door will not open",
    "How late will my parcel be?",
    "I cannot open the app",
    "What hours does the courier deliver?",
    "How do I open a savings account?",
    "Is my order still open?",
    "Is the desk open at the back?",
    "Are you the shop with the open fire stoves?",
    "I called during opening hours and nobody answered",
    "Does the courier keep to business hours?",
    "You said you would be available, where are you?",
    "Kan ik een rekening openen?",
    "Ik stond binnen de openingstijden voor een dichte deur",
    "Is de tent open aan de onderkant?",
    "Wanneer openen jullie mijn retour?",
    "Hoe laat is de bezorger er?",
    "Wanneer is de tent weer leverbaar?",
    "Wanneer is de rits gerepareerd?",
    "Hoe laat zijn jullie bij mij met de bestelling?",
    "Wanneer zijn jullie van plan te leveren?",
    "Wanneer gaan jullie mijn pakket versturen?",
    "Wanneer zijn de schoenen weer op voorraad?",
    "Zijn jullie open voor een ruil?",
    "Sluiten jullie mijn rekening?",
    "Is de winkel in Utrecht groot?",
    "Staat mijn bestelling nog open?",
    "De deur gaat niet open",
    "口座を開きたいです",
    "テントの底は開いていますか",
    "返品はいつ届きますか",
    "何時に届きますか",
    "今日届きますか",
    "今やっていますが動きません",
    "アプリが開きません",
    "今、申し込みをやっています",
    "営業担当の方をお願いします",
    "営業時間内に電話しましたが出ませんでした",
    "今テントは開いていますか",
    "いつ対応してもらえますか",
]


@pytest.mark.parametrize("text", [*ENGLISH, *DUTCH, *JAPANESE])
def test_this_asks_for_opening_hours(text: str) -> None:
    assert asks_for_opening_hours(text)


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_this_is_for_a_person(text: str) -> None:
    assert not asks_for_opening_hours(text)


def test_the_case_and_the_spaces_around_a_question_do_not_matter() -> None:
    assert asks_for_opening_hours("  ARE   YOU\nOPEN TODAY ?! ")


def test_a_long_text_is_about_more_than_opening_hours() -> None:
    question = "Are you open today?"

    assert asks_for_opening_hours(question.rjust(MAX_CHARACTERS))
    assert not asks_for_opening_hours(question.rjust(MAX_CHARACTERS + 1))


@pytest.mark.parametrize("text", ["", " ", "?", "open", "Open!", "今"])
def test_hardly_a_word_is_no_question(text: str) -> None:
    assert not asks_for_opening_hours(text)
