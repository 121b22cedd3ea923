"""An organisation's host: the widget, its API, and the client's own admin."""

from django.urls import include, path

from chatplatform import health
from conversations.views import attachments, commands, widget_page
from tenants import views as accounts

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", accounts.root, name="root"),
    path("login/", accounts.Login.as_view(), name="login"),
    path("logout/", accounts.LogoutView.as_view(), name="logout"),
    path("language/", include("django.conf.urls.i18n")),
    path("widget/", widget_page.frame, name="widget"),
    path("widget/loader.js", widget_page.loader, name="widget-loader"),
    path("api/widget/commands", commands.visitor_door, name="visitor-door"),
    path("api/widget/attachments", attachments.visitor_upload, name="visitor-upload"),
    path("api/widget/attachments/<uuid:attachment_id>", attachments.visitor_download, name="visitor-download"),
]
