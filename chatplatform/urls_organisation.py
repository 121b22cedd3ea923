"""An organisation's host: the widget, its API, and the client's own admin."""

from django.urls import path

from chatplatform import health
from conversations.views import attachments, commands, guest_doors, guest_page, widget_page
from ratings.views import link as rating_link
from tenants import invitation_page
from tenants import views as accounts
from tenants.admin_site import organisation_site

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", accounts.root, name="root"),
    path("login/", accounts.login, name="login"),
    path("logout/", accounts.logout, name="logout"),
    path("language/", accounts.language, name="language"),
    path("invitation/", invitation_page.page, name="invitation"),
    path("widget/", widget_page.frame, name="widget"),
    path("widget/loader.js", widget_page.loader, name="widget-loader"),
    path("api/widget/commands", commands.visitor_door, name="visitor-door"),
    path("api/widget/attachments", attachments.visitor_upload, name="visitor-upload"),
    path("api/widget/attachments/<uuid:attachment_id>", attachments.visitor_download, name="visitor-download"),
    path("specialist/", guest_page.page, name="guest"),
    path("api/guest/open", guest_doors.open_door, name="guest-open"),
    path("api/guest/new-link", guest_doors.new_link_door, name="guest-new-link"),
    path("api/guest/commands", guest_doors.commands_door, name="guest-door"),
    path("rating/", rating_link.page, name="rating"),
    path("api/rating/commands", rating_link.door, name="rating-door"),
    path("admin/", organisation_site.urls),
]
