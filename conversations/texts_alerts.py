"""What alerts say, on the desk and on the wallboard; keys and forms as in ``texts_desk``."""

from django.utils.translation import gettext_lazy as _

ALERTS = {
    "alerts": _("Alerts"),
    "alert.longest_wait": _("{who}: a visitor waits longer than {threshold} seconds."),
    "alert.queue_length": _("{who}: more than {threshold} visitors wait."),
    "alert.kept_share": _("{who}: {value} % of today’s promises kept, less than {threshold} %."),
    "alert.nobody_free": _("{who}: nobody could take a conversation for {threshold} seconds."),
    "alert.operator_gone.one": _("{who} vanished while holding {count} conversation."),
    "alert.operator_gone.other": _("{who} vanished while holding {count} conversations."),
    "alert.escalation_silent.one": _("{who}: {count} specialist was reminded and has not answered."),
    "alert.escalation_silent.other": _("{who}: {count} specialists were reminded and have not answered."),
    "alert.acknowledge": _("I see to it"),
    "alert.seen": _("Somebody sees to it"),
    "notification.alert": _("The desk needs a supervisor"),
    "notification.follow_up": _("A visitor left unhappy"),
}
