"""What the desk says to supervisors and to those they look after; keys and forms as in ``texts_desk``."""

from django.utils.translation import gettext_lazy as _

SUPERVISING = {
    "supervisor": _("Supervisor: no conversations come by themselves"),
    "empty.supervisor": _("Open a number on the wallboard: its conversations lead here, to be read along."),
    "wallboard": _("Wallboard"),
    "watched": _("Watched"),
    "watch": _("Supervising"),
    "watch.on": _("You are watching."),
    "watch.held": _("{name} answers."),
    "watch.waiting": _("Nobody answers yet."),
    "watch.closed": _("Closed."),
    "watch.start": _("Watch"),
    "watch.stop": _("Stop watching"),
    "watch.take_over": _("Take over"),
    "watch.reassign": _("Give to…"),
    "watch.close": _("Close as…"),
    "watch.given": _("Given to somebody else."),
    "watch.nobody": _("Nobody else answers for this client."),
    "presence.gone": _("Gone"),
    "choice.untrained": _("has not confirmed the client card"),
    "choice.language": _("does not speak the visitor’s language"),
}
