"""The desk's host: the desk, its API, and the platform's admin."""

from django.urls import path

from chatplatform import health
from conversations.views import attachments, commands, desk_page, wallboard
from operators import views as operators
from ratings.views import coaching, comparison, follow_ups, reviews
from tenants import views as accounts
from tenants.admin_site import platform_site

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", desk_page.desk, name="desk"),
    path("wallboard/", wallboard.wallboard, name="wallboard"),
    path("api/wallboard", wallboard.numbers, name="wallboard-numbers"),
    path("api/wallboard/alerts/<uuid:alert_id>/seen", wallboard.acknowledge, name="wallboard-acknowledge"),
    path("api/wallboard/conversations", wallboard.conversations, name="wallboard-conversations"),
    path("staffing/", operators.staffing, name="staffing"),
    path("comparison/", comparison.page, name="comparison"),
    path("follow-ups/", follow_ups.page, name="follow-ups"),
    path("follow-ups/<slug:slug>/<uuid:follow_up_id>/<slug:action>", follow_ups.act, name="follow-up-act"),
    path("reviews/", reviews.page, name="reviews"),
    path("reviews/<slug:slug>/<uuid:review_id>/", reviews.review, name="review"),
    path("coaching/", coaching.page, name="coaching"),
    path("coaching/team/", coaching.team, name="coaching-team"),
    path("coaching/<uuid:note_id>/<slug:action>", coaching.act, name="coaching-act"),
    path("coaching/reviews/<slug:slug>/<uuid:review_id>/", coaching.review, name="own-review"),
    path("login/", accounts.login, name="login"),
    path("logout/", accounts.logout, name="logout"),
    path("language/", accounts.language, name="language"),
    path("api/desk/commands", commands.desk_door, name="desk-door"),
    path(
        "api/desk/organisations/<slug:slug>/conversations/<uuid:conversation_id>/attachments",
        attachments.desk_upload,
        name="desk-upload",
    ),
    path(
        "api/desk/organisations/<slug:slug>/attachments/<uuid:attachment_id>",
        attachments.desk_download,
        name="desk-download",
    ),
    path(
        "api/desk/organisations/<slug:slug>/article-files/<uuid:document_id>",
        attachments.desk_document,
        name="desk-document",
    ),
    path("admin/", platform_site.urls),
]
