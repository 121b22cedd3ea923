"""The demo websites' hosts, and the development mailbox. Development only."""

from django.urls import path

from chatplatform.demo_pages import demo_page
from chatplatform.mailbox_pages import mail, mailbox

urlpatterns = [
    path("development/mailbox/", mailbox),
    path("development/mailbox/<str:name>/", mail),
    path("", demo_page),
    path("<path:path>", demo_page),
]
