"""Answers beside the thread, in a real browser, against a scripted server."""

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk_stage import OMAR, OPERATOR, Talk
from tests.browser.knowledge_stage import EXCHANGE, FEE, HOW, NOTICE, KnowledgeStage, suggestion
from tests.browser.test_desk import composer, open_talk, talk_with, wait_for
from tests.chromium import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.no_database

QUESTION = "What would sending the tent back cost me?"
FEE_REPLY = "Returning costs {product.parcel.fee}, and you have 30 days."


def panel(page: "Page") -> "Locator":
    return page.get_by_role("complementary", name="Answers")


def answers(page: "Page") -> "Locator":
    return panel(page).locator(".answers-list > .answer")


def search_field(page: "Page") -> "Locator":
    return page.get_by_role("combobox", name="Search the answers")


def begin(page: "Page", stage: KnowledgeStage) -> Talk:
    stage.open(page)
    open_talk(page, stage.talks[0])
    return stage.talks[0]


def with_answers(page: "Page", **fields: Any) -> KnowledgeStage:
    stage = KnowledgeStage(talks=[talk_with(QUESTION)], **fields)
    begin(page, stage)
    expect(answers(page)).to_have_count(3)
    return stage


def test_the_best_three_stand_beside_the_turn_with_why_and_how_sure(page: "Page") -> None:
    stage = with_answers(page, notices=[NOTICE])

    first, second, third = answers(page).all()
    expect(first).to_contain_text("Very likely")
    expect(first.locator("q")).to_have_text("What does sending it back cost?")
    expect(first.locator("q mark")).to_have_text(["sending", "back", "cost"])
    expect(first.locator(".answer-reply mark")).to_have_text("{product.parcel.fee}")
    expect(second).to_contain_text("Review overdue")
    expect(second.locator(".answer-title mark")).to_have_text("return")
    expect(third).to_contain_text("Perhaps")
    expect(third).to_contain_text("Words of the text: back")
    expect(panel(page).get_by_role("list", name="What holds for now")).to_have_text(NOTICE)
    assert not re.search(r"\d\s*%|0[.,]\d", panel(page).inner_text())  # words, not numbers
    [asked] = stage.commands("suggestions.fetch")
    assert (asked["organisation"], asked["conversation"], asked["text"]) == ("acme", stage.talks[0].id, None)


def test_one_key_inserts_at_the_cursor_over_nothing_and_sends_nothing(page: "Page") -> None:
    stage = with_answers(page)
    page.keyboard.press("r")
    page.keyboard.type("Hi Vera! Bye.")
    for _ in " Bye.":
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")  # what is selected is not written over

    page.keyboard.press("Alt+2")

    expect(composer(page)).to_have_value("Hi Vera! You find the label in your account, under Orders. Bye.")
    expect(composer(page)).to_be_focused()
    page.keyboard.press("Control+z")
    expect(composer(page)).to_have_value("Hi Vera! Bye.")
    assert stage.commands("message.send") == []


def test_what_is_not_known_is_selected_and_sending_it_is_held_back_once(page: "Page") -> None:
    stage = with_answers(page)

    page.keyboard.press("Alt+1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Still to be filled in")
    assert stage.commands("message.send") == []
    page.keyboard.type("4.95")
    expect(composer(page)).to_have_value("Returning costs 4.95, and you have 30 days.")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.keyboard.press("Enter")

    wait_for(page, stage, "message.send")
    assert [sent["body"] for sent in stage.commands("message.send")] == ["Returning costs 4.95, and you have 30 days."]


def test_a_second_enter_sends_what_was_left_open(page: "Page") -> None:
    stage = with_answers(page)

    page.keyboard.press("Alt+1")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")

    wait_for(page, stage, "message.send")
    assert [sent["body"] for sent in stage.commands("message.send")] == [FEE_REPLY]


def test_points_tick_themselves_and_by_hand_and_never_hold_a_message(page: "Page") -> None:
    stage = with_answers(page)
    page.keyboard.press("Alt+1")
    points = page.get_by_role("group", name="To be mentioned")
    expect(points.get_by_label("Within 30 days")).to_be_checked()
    expect(points.get_by_label("The fee")).not_to_be_checked()
    expect(points.get_by_role("status")).to_have_text("2 not mentioned yet")

    page.keyboard.type("a fee of 4.95")
    expect(points.get_by_label("The fee")).to_be_checked()
    points.get_by_label("Within 30 days").uncheck()
    expect(points.get_by_role("status")).to_have_text("2 not mentioned yet")
    points.get_by_label("Within 30 days").check()
    points.get_by_label("Sale items are excepted").check()
    expect(points.get_by_role("status")).to_have_text("All mentioned")
    points.get_by_label("Sale items are excepted").uncheck()
    composer(page).press("Enter")

    wait_for(page, stage, "suggestion.use")
    expect(points).to_have_count(0)
    assert [(use["points"], use["mentioned"]) for use in stage.commands("suggestion.use")] == [(3, 2)]


def test_a_use_is_told_once_the_message_is_stored(page: "Page") -> None:
    stage = with_answers(page)
    page.keyboard.press("Alt+2")
    page.keyboard.type(" Shall I send it to you?")
    assert stage.commands("suggestion.use") == []

    page.keyboard.press("Enter")

    wait_for(page, stage, "suggestion.use")
    [use] = stage.commands("suggestion.use")
    place = {"organisation": "acme", "conversation": stage.talks[0].id}
    assert use == {"type": "suggestion.use", **place, "seq": 1, "article": HOW["article"], "rank": 2, "points": 0,
                   "mentioned": 0}  # fmt: skip
    kinds = [command["type"] for command in stage.heard]
    assert kinds.index("message.send") < kinds.index("suggestion.use")


def test_an_answer_that_was_thrown_away_or_refused_counts_as_no_use(page: "Page") -> None:
    stage = with_answers(page)
    page.keyboard.press("Alt+2")
    page.keyboard.press("Control+a")
    page.keyboard.type("One moment, I ask a colleague.")
    page.keyboard.press("Enter")
    wait_for(page, stage, "message.send")
    stage.refusals["message.send"] = "not_assigned"
    page.keyboard.press("Alt+2")
    page.keyboard.press("Enter")
    expect(composer(page)).to_have_value(HOW["reply"])

    assert len(stage.commands("message.send")) == 2
    assert stage.commands("suggestion.use") == []


def test_a_draft_keeps_its_answer_over_a_reload(page: "Page") -> None:
    stage = with_answers(page)
    page.keyboard.press("Alt+1")
    page.keyboard.type("4.95")

    page.reload()
    expect(page.get_by_role("group", name="To be mentioned").get_by_label("Within 30 days")).to_be_checked()
    composer(page).press("Enter")

    wait_for(page, stage, "suggestion.use")
    assert [(use["article"], use["rank"]) for use in stage.commands("suggestion.use")] == [(FEE["article"], 1)]


def test_an_answer_never_lands_in_a_note(page: "Page") -> None:
    with_answers(page)
    page.keyboard.press("n")
    page.keyboard.type("Between us.")

    page.keyboard.press("Alt+3")

    expect(composer(page)).to_have_value(EXCHANGE["reply"])
    expect(page.get_by_role("button", name="Reply")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Alt+n")
    expect(composer(page)).to_have_value("Between us.")


def test_what_is_typed_finds_answers_too(page: "Page") -> None:
    stage = with_answers(page, typed=[suggestion(1, "Sizes", "The tent fits two.", confidence=0.8)])

    page.keyboard.press("r")
    page.keyboard.type("For how many people", delay=5)
    expect(answers(page)).to_have_count(1)
    expect(panel(page).get_by_role("heading", name="For what you are writing")).to_be_visible()
    assert [asked["text"] for asked in stage.commands("suggestions.fetch")][-1] == "For how many people"
    assert len(stage.commands("suggestions.fetch")) <= 4  # not with every letter
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")

    expect(answers(page)).to_have_count(3)


def test_unlikely_answers_to_what_is_typed_do_not_replace_those_to_the_turn(page: "Page") -> None:
    stage = with_answers(page, typed=[suggestion(1, "Sizes", "The tent fits two.", confidence=0.2)])

    page.keyboard.press("r")
    page.keyboard.type("Hello Vera!")
    wait_for(page, stage, "suggestions.fetch", 2)

    expect(answers(page)).to_have_count(3)


def test_a_new_turn_asks_anew_and_a_burst_asks_once(page: "Page") -> None:
    stage = with_answers(page)
    [talk] = stage.talks
    stage.tell(talk.say("It is used.", OPERATOR))
    stage.suggestions = [EXCHANGE]

    stage.tell(talk.say("And for another"), talk.say("size?"))
    expect(answers(page)).to_have_count(1)

    assert 2 <= len(stage.commands("suggestions.fetch")) <= 3


def test_the_search_is_all_keys(page: "Page") -> None:
    stage = with_answers(page)
    page.keyboard.press("r")
    page.keyboard.type("Well: ")

    page.keyboard.press("Alt+k")
    expect(search_field(page)).to_be_focused()
    expect(panel(page).get_by_text("Used most")).to_be_visible()
    page.keyboard.type("return")
    options = panel(page).get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    expect(composer(page)).to_have_value(f"Well: {HOW['reply']}")
    expect(composer(page)).to_be_focused()
    expect(search_field(page)).to_have_value("")
    page.keyboard.press("Enter")
    wait_for(page, stage, "suggestion.use")
    assert [use["rank"] for use in stage.commands("suggestion.use")] == [None]
    last = stage.commands("articles.search")[-1]
    assert (last["organisation"], last["text"], last["language"]) == ("acme", "return", "en")


def test_escape_leaves_the_search_for_the_composer(page: "Page") -> None:
    with_answers(page)

    page.keyboard.press("/")
    page.keyboard.type("nothing like it")
    expect(panel(page).get_by_text("Nothing found.")).to_be_visible()
    page.keyboard.press("Escape")

    expect(composer(page)).to_be_focused()
    expect(answers(page)).to_have_count(3)


def test_an_article_opens_with_its_text_as_text_and_leads_on_and_back(page: "Page") -> None:
    with_answers(page)  # rule 39
    page.keyboard.press("Alt+k")
    page.keyboard.type("another")
    expect(panel(page).get_by_role("option")).to_have_count(1)

    page.keyboard.press("Shift+Enter")

    article = panel(page).get_by_role("article")
    expect(article.get_by_role("heading", name=EXCHANGE["title"])).to_be_focused()
    expect(article.get_by_role("heading", name="Before you answer")).to_be_visible()
    expect(article.get_by_role("cell")).to_have_text(["Small", "4.95"])
    expect(article.locator(".article-text ol > li > ul > li")).to_have_text("in the shop")
    expect(article.locator(".article-text")).to_contain_text("<img src=x")
    expect(article.locator(".article-text a")).to_have_text("terms")
    expect(article.locator(".article-origin")).to_contain_text("1 March 2027")
    assert page.evaluate("document.body.dataset.hacked") is None
    article.get_by_role("button", name=HOW["title"]).click()
    expect(article.get_by_role("heading", name=HOW["title"])).to_be_focused()
    page.keyboard.press("Escape")
    expect(article.get_by_role("heading", name=EXCHANGE["title"])).to_be_focused()
    page.keyboard.press("Escape")
    expect(search_field(page)).to_be_focused()


def test_a_key_opens_the_article_of_the_answer_and_another_inserts_it(page: "Page") -> None:
    stage = with_answers(page)

    page.keyboard.press("o")
    expect(panel(page).get_by_role("heading", name=FEE["title"])).to_be_focused()
    page.keyboard.press("Alt+1")
    expect(composer(page)).to_have_value(FEE_REPLY)
    expect(panel(page).get_by_role("article")).to_have_count(0)
    page.keyboard.type("4.95")
    page.keyboard.press("Enter")

    wait_for(page, stage, "suggestion.use")
    assert [use["rank"] for use in stage.commands("suggestion.use")] == [1]


def test_its_owner_hears_what_is_wrong_with_an_article(page: "Page") -> None:
    stage = with_answers(page)
    page.keyboard.press("o")
    article = panel(page).get_by_role("article")

    article.get_by_role("button", name="Outdated").press("Enter")
    expect(article.get_by_label("What should its owner know?")).to_be_focused()
    article.get_by_label("What should its owner know?").fill("The fee is 5.95 since Monday.")
    article.get_by_label("What should its owner know?").press("Control+Enter")

    expect(page.locator(".toast")).to_contain_text("The article’s owner hears of it.")
    [report] = stage.commands("article.report")
    assert (report["organisation"], report["article"], report["conversation"]) == (
        "acme",
        FEE["article"],
        stage.talks[0].id,
    )
    assert (report["kind"], report["note"]) == ("outdated", "The fee is 5.95 since Monday.")
    page.reload()
    page.get_by_text("Connected", exact=True).wait_for()
    assert len(stage.commands("article.report")) == 1


def test_a_missing_article_is_flagged_once_for_a_turn(page: "Page") -> None:
    stage = with_answers(page)

    page.keyboard.press("Alt+g")
    expect(page.locator(".toast")).to_contain_text("an article is missing")
    expect(panel(page).get_by_role("button", name="Noted as missing")).to_be_disabled()
    page.keyboard.press("Alt+g")

    [flag] = stage.commands("gap.flag")
    assert (flag["organisation"], flag["conversation"], flag["seq"]) == ("acme", stage.talks[0].id, 1)


def test_without_an_answer_the_panel_says_what_to_do(page: "Page") -> None:
    stage = KnowledgeStage(talks=[talk_with(QUESTION)], suggestions=[])
    begin(page, stage)

    expect(panel(page).get_by_text("No article answers this yet.").last).to_be_visible()
    panel(page).get_by_role("button", name="An article is missing").click()

    wait_for(page, stage, "gap.flag")


def test_before_the_visitor_asks_the_panel_says_what_will_appear(page: "Page") -> None:
    talk = Talk()
    talk.say("Good morning!", OPERATOR)
    stage = KnowledgeStage(talks=[talk])

    begin(page, stage)

    expect(panel(page).get_by_text("As soon as the visitor asks something")).to_be_visible()
    assert stage.commands("suggestions.fetch") == []


def test_when_suggestions_fail_all_else_works(page: "Page") -> None:
    stage = KnowledgeStage(talks=[talk_with(QUESTION)], suggestions=None)
    begin(page, stage)

    expect(panel(page).get_by_text("No suggestions right now.")).to_be_visible()
    page.keyboard.press("Alt+1")
    page.keyboard.press("r")
    page.keyboard.type("Nothing at all.")
    page.keyboard.press("Enter")
    expect(page.locator(".is-operator .bubble")).to_have_text("Nothing at all.")
    stage.suggestions = [FEE]
    panel(page).get_by_role("button", name="Try again").click()

    expect(answers(page)).to_have_count(1)


def test_what_nobody_answers_yet_can_be_read_but_not_answered(page: "Page") -> None:
    stage = KnowledgeStage(talks=[talk_with(QUESTION, state="waiting", operator=None)])
    begin(page, stage)
    expect(answers(page)).to_have_count(3)

    page.keyboard.press("Alt+1")

    expect(page.locator(".toast")).to_contain_text("Only the operator of this conversation can reply.")
    expect(composer(page)).to_have_value("")
    expect(panel(page).get_by_role("button", name=re.compile("^Insert"))).to_have_count(0)


def test_answers_of_one_organisation_are_gone_in_a_conversation_of_another(page: "Page") -> None:
    acme, globex = talk_with(QUESTION), talk_with("My card was refused.", organisation="globex")
    stage = KnowledgeStage(talks=[acme, globex])
    begin(page, stage)
    page.keyboard.press("Alt+k")
    expect(panel(page).get_by_role("option")).to_have_count(3)
    stage.suggestions = []
    stage.found = []

    open_talk(page, globex)
    expect(panel(page).get_by_text("No article answers this yet.").last).to_be_visible()
    expect(panel(page).get_by_text(re.compile("return", re.I))).to_have_count(0)
    page.keyboard.press("Alt+1")
    expect(composer(page)).to_have_value("")
    # Even an answer that comes late to a search of before is not shown there.
    page.keyboard.press("Alt+k")
    expect(panel(page).get_by_text("Nothing found.")).to_be_visible()
    late = {"type": "articles", "organisation": "acme", "articles": [FEE]}
    stage.tell(late, talk_told := globex.say("Hello?"))

    expect(page.locator(".thread")).to_contain_text(talk_told["body"])
    expect(panel(page).get_by_role("option")).to_have_count(0)


def test_somebody_elses_messages_are_no_turn(page: "Page") -> None:
    talk = talk_with(QUESTION)
    talk.say("Omar here: 4.95.", {"kind": "operator", **OMAR})
    stage = KnowledgeStage(talks=[talk])

    begin(page, stage)

    expect(answers(page)).to_have_count(3)
    assert [asked["text"] for asked in stage.commands("suggestions.fetch")] == [None]


def test_on_a_narrow_screen_the_titles_stand_above_the_composer_and_the_panel_opens_over_the_thread(
    page: "Page",
) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    stage = KnowledgeStage(talks=[talk_with(QUESTION)])
    begin(page, stage)
    strip = page.get_by_role("group", name="Answers")
    expect(strip.get_by_role("button")).to_have_count(3)
    expect(answers(page).first).to_be_hidden()

    page.keyboard.press("Alt+k")
    expect(search_field(page)).to_be_focused()
    page.keyboard.type("another")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(composer(page)).to_have_value(EXCHANGE["reply"])
    expect(search_field(page)).to_be_hidden()
    strip.get_by_role("button", name=HOW["title"]).click()

    expect(composer(page)).to_have_value(f"{EXCHANGE['reply']} {HOW['reply']}")
