"""What an operator says of an article reaches whoever answers for it, by mail, and nobody else."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail

from conversations.services.knowledge import report_article
from conversations.services.mailing import send_mail
from knowledgebase.content import TextContent
from knowledgebase.models import Article, Feedback
from knowledgebase.services.feedback import settle_feedback
from operators.models import DueWork
from operators.selectors import OperatorRef
from tenants.context import in_organisation
from tenants.errors import NotFound
from tenants.models import Membership, User
from tests.cast import account, acme, globex
from tests.knowledgebase.shelf import MAUD, lay_article, shelf_cleared

OLGA = OperatorRef(uuid4(), "Olga", 4, ("en",))
NOTE = "It is <b>5 euro</b> since Monday."


@pytest.fixture(autouse=True)
def _own_shelf(platform_database: None) -> Iterator[None]:
    with shelf_cleared(acme(), globex()):
        yield


def laid(**changed: Any) -> Article:
    words = TextContent("The zorblax fee", "It is 4 euro.")
    return lay_article(acme(), **{"texts": {"en": words}, "variants": {}, **changed})


def report(article: Article, cid: UUID | None = None, conversation_id: UUID | None = None) -> UUID | None:
    return in_organisation(acme(), report_article, OLGA, cid or uuid4(), article.pk, "outdated", NOTE, conversation_id)


def feedback_on(article: Article) -> list[Feedback]:
    return in_organisation(acme(), lambda _: list(Feedback.objects.filter(article=article.pk)))


def test_the_owner_is_mailed_what_is_wrong_and_where_the_article_is() -> None:
    maud = account("maud@acme.example")
    article = laid(owner_id=maud.pk, owner_name=maud.name)

    mail_id = report(article)

    assert mail_id is not None
    assert DueWork.objects.filter(subject_id=mail_id).count() == 1
    assert in_organisation(acme(), send_mail, mail_id)
    [sent] = mail.outbox
    assert sent.to == ["maud@acme.example"]
    assert sent.subject == "Acme Outdoor: a remark on “The zorblax fee”"
    assert NOTE in sent.body
    assert "Olga" in sent.body
    assert "//acme.localhost" in sent.body
    assert str(article.pk) in sent.body
    html = str(sent.alternatives[0][0])  # type: ignore[attr-defined]
    assert "It is &lt;b&gt;5 euro&lt;/b&gt; since Monday." in html  # rule 39
    assert not DueWork.objects.filter(subject_id=mail_id).exists()


def test_said_twice_is_mailed_once() -> None:
    article, cid = laid(owner_id=account("maud@acme.example").pk), uuid4()

    first, again = report(article, cid), report(article, cid)

    assert (first is None, again) == (False, None)
    assert len(feedback_on(article)) == 1


def test_an_owner_who_is_no_manager_any_more_is_not_mailed_but_a_manager_is() -> None:
    gone = User.objects.create_user(f"gone-{uuid4()}@acme.example", "Gerda")
    stranger = account("mona@globex.example")
    for owner in (gone, stranger):
        mail_id = report(laid(owner_id=owner.pk, owner_name=owner.name))

        assert mail_id is not None
        mail.outbox.clear()
        in_organisation(acme(), send_mail, mail_id)
        [sent] = mail.outbox
        managers = Membership.objects.filter(organisation=acme().id, role=Membership.Role.MANAGER)
        assert sent.to[0] in managers.values_list("user__email", flat=True)


def test_what_was_settled_meanwhile_is_not_mailed() -> None:
    article = laid(owner_id=account("maud@acme.example").pk)
    mail_id = report(article)
    assert mail_id is not None
    [feedback] = feedback_on(article)
    in_organisation(acme(), settle_feedback, MAUD, feedback.pk)

    assert in_organisation(acme(), send_mail, mail_id)

    assert mail.outbox == []


def test_nothing_is_kept_of_an_article_or_conversation_that_is_not_there() -> None:
    article = laid()

    with pytest.raises(NotFound):
        report(article, conversation_id=uuid4())
    with pytest.raises(NotFound):
        in_organisation(globex(), report_article, OLGA, uuid4(), article.pk, "wrong", "", None)

    assert feedback_on(article) == []
