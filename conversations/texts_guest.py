"""The words of the specialists' guest page. Keys are the scripts'."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

GUEST_TEXTS = {
    "moment": pgettext_lazy("a day and a time of day", "{day} at {time}"),
    "open.title": _("{organisation} asks for your advice"),
    "open.explained": _("A visitor of the website has a question that the desk would like you to look at."),
    "open.once": _("The link opens the conversation in one browser only: in this one, if you go on."),
    "open.button": _("Open the conversation"),
    "open.loading": _("One moment…"),
    "invalid.title": _("This link opens nothing"),
    "invalid.explained": _(
        "It was opened in another browser, has expired, or the question is over. If it was sent to you and the question"
        " is still open, a new link can be mailed to you."
    ),
    "link.button": _("Ask for a new link"),
    "link.asked": _(
        "If the question is still open, a new link is on its way to the address that this one was sent to."
    ),
    "problem.offline": _("No connection. What you write is kept; the page goes on trying."),
    "question.title": _("A question for {name}"),
    "question.label": _("The question"),
    "question.asked": _("{name} asked you {when}"),
    "question.topic": _("Topic: {topic}"),
    "deadline.accept": _("Please accept by {when}"),
    "deadline.answer": _("Please answer by {when}"),
    "deadline.answered": _("Your answer has been sent. Write more, or say that this is all."),
    "thread.label": _("Conversation"),
    "line.assigned": _("{name} answers from here on."),
    "line.topic": _("Topic: {topic}"),
    "line.asked": _("{name} was asked."),
    "line.accepted": _("{name} is looking at the question."),
    "line.accepted.by": _("{name} is looking at the question and answers by {when}."),
    "message.you": _("You"),
    "message.visitor": _("Visitor"),
    "message.automatic": _("Automatic message"),
    "message.deleted": _("This message was deleted."),
    "message.image": _("Image: {name}. It can be seen at the desk."),
    "message.sending": _("Sending…"),
    "message.failed": _("Not sent"),
    "message.retry": _("Try again"),
    "message.discard": _("Discard"),
    "actions.label": _("What you can do"),
    "accept.button": _("Accept"),
    "answer.label": _("Your answer to the visitor"),
    "answer.placeholder": _("Write to the visitor…"),
    "answer.send": _("Send"),
    "answer.too_long": _("This text is too long."),
    "finish.button": _("This is all"),
    "decline.button": _("Decline"),
    "decline.title": _("Somebody else will be asked."),
    "decline.note": _("A note for the desk (optional); the visitor does not see it"),
    "decline.send": _("Decline the question"),
    "call_back.button": _("I will call back"),
    "call_back.title": _("You get back to the visitor by other means."),
    "call_back.by": _("At the latest"),
    "call_back.explained": _(
        "The visitor is told this time, and the question is mailed to you so that you have it at hand."
    ),
    "call_back.send": _("Promise it"),
    "form.back": _("Back"),
    "over.answered.title": _("Thank you"),
    "over.answered": _(
        "The visitor has your answer, and the conversation goes on at the desk. You can close this page."
    ),
    "over.call_back.title": _("Your call-back is promised"),
    "over.call_back": _(
        "The visitor knows by when. The question is on its way to you by e-mail. You can close this page."
    ),
    "over.declined.title": _("Thank you for telling us"),
    "over.declined": _("Somebody else takes care of the question. You can close this page."),
    "over.unknown.title": _("This question is no longer with you"),
    "over.unknown": _(
        "It was taken back or its time was over, or it was opened with a newer link. You can close this page."
    ),
    "over.unsent": _("This was not sent any more:"),
}
