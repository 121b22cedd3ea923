"""The words of the wallboard's page, by the keys that ``static/wallboard`` asks for; as ``texts_desk``."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from conversations.texts_alerts import ALERTS

HEAD = {
    "wallboard": _("Wallboard"),
    "all_clients": _("All clients"),
    "client": _("Client"),
    "day": _("Today began at {time}, {zone}."),
    "desk": _("Desk"),
    "staffing": _("Staffing"),
    "follow_ups": _("Follow-ups"),
    "follow_ups.open": _("{count} open"),
    "follow_ups.late": _("{count} late"),
    "log_out": _("Log out"),
    "loading": _("Loading…"),
    "stale": _("No connection. These numbers are of {time}."),
    "none": "–",
    "sound_on": _("Turn the sound on"),
    "sound_off": _("Turn the sound off"),
    "notifications_on": _("Show notifications"),
}

NUMBERS = {
    "waiting": _("Waiting"),
    "waiting.explained": _("nobody holds them yet"),
    "longest": _("Longest wait"),
    "longest.explained": _("for an answer, held or not"),
    "running": _("Running clocks"),
    "running.explained": _("visitors waiting for an answer"),
    "warned": _("{count} past warning"),
    "overdue": _("{count} overdue"),
    "kept": _("Kept today"),
    "kept.first": _("First answers"),
    "kept.follow_up": _("Following answers"),
    "share": _("{percent} %"),
    "of": _("of {count}"),
    "broken.one": _("{count} broken"),
    "broken.other": _("{count} broken"),
    "held": _("Held"),
    "seconds": pgettext_lazy("seconds, as short as can be", "{count} s"),
    "minutes": pgettext_lazy("minutes and seconds, as short as can be", "{minutes} min {seconds} s"),
    "hours": pgettext_lazy("hours and minutes, as short as can be", "{hours} h {minutes} min"),
}

OPERATORS = {
    "operators": _("Operators"),
    "state.available": _("Available"),
    "state.busy": _("Busy"),
    "state.on_break": _("On break"),
    "state.away": _("Away"),
    "state.gone": _("Gone"),
    "state.gone.explained": _("not heard for 45 seconds"),
    "reason.meal": _("meal"),
    "reason.pause": _("short pause"),
    "reason.training": _("training"),
    "reason.meeting": _("meeting"),
    "reason.other": _("something else"),
    "until": _("until {time}"),
    "since": _("since {time}"),
    "load": _("{held} of {capacity}"),
    "load.explained": _("{name} holds {held} of {capacity}"),
    "nobody_here": _("No operator has been here today."),
}

CHART = {
    "half_hours": _("By half hour"),
    "half_hours.explained": _("Turns by when they began. The line counts new conversations."),
    "chart.kept": _("kept"),
    "chart.broken": _("broken"),
    "chart.begun": _("new conversations"),
    "chart.bar": _("{time}: {kept} kept, {broken} broken, {begun} new conversations"),
    "chart.empty": _("Nothing has been decided today yet."),
}

CLIENTS = {
    "clients": _("Clients"),
    "column.client": _("Client"),
    "column.waiting": _("Waiting"),
    "column.longest": _("Longest wait"),
    "column.running": _("Running"),
    "column.overdue": _("Overdue"),
    "column.held": _("Held"),
    "column.kept": _("Kept today"),
}

DRILL = {
    "drill.count.one": _("{count} conversation"),
    "drill.count.other": _("{count} conversations"),
    "drill.turns.one": _("{count} turn"),
    "drill.turns.other": _("{count} turns"),
    "drill.more": _("The first {shown} are shown."),
    "drill.none": _("None any more."),
    "drill.failed": _("This could not be loaded. Try again."),
    "drill.nobody": _("nobody"),
    "drill.waits": _("waits for {time}"),
    "drill.answered": _("answered"),
    "drill.closed": _("closed"),
    "drill.kind.first": _("First answer"),
    "drill.kind.follow_up": _("Following answer"),
    "drill.outcome.kept": _("kept"),
    "drill.outcome.broken": _("broken"),
    "drill.outcome.abandoned": _("the visitor left"),
    "drill.outcome.closed": _("closed unanswered"),
    "drill.waited": _("after {time}"),
    "drill.title.waiting": _("Waiting"),
    "drill.title.held": _("Held"),
    "drill.title.running": _("Waiting for an answer, longest first"),
    "drill.title.warned": _("Past warning"),
    "drill.title.overdue": _("Overdue"),
    "drill.title.turns": _("Turns of today"),
    "drill.watch": _("Watch on the desk"),
    "close": _("Close"),
}

TEXTS = {**HEAD, **NUMBERS, **OPERATORS, **CHART, **CLIENTS, **DRILL, **ALERTS}
