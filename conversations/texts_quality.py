"""What the desk says of how a conversation went, and of what is done about it afterwards."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ENDING = {
    "ending": _("How it went"),
    "ending.optional": _("optional"),
    "ending.correct": _("How it went; you can still put it right"),
    "ending.clear": _("Choose it again, or press Delete, to take it back."),
    "mood.start": _("Mood at the start"),
    "mood.end": _("Mood at the end"),
    "mood.-2": _("Furious"),
    "mood.-1": _("Annoyed"),
    "mood.0": _("Calm"),
    "mood.1": _("Pleased"),
    "mood.2": _("Delighted"),
    "lead": _("Lead"),
    "lead.yes": pgettext_lazy("is this visitor a lead?", "Yes"),
    "lead.no": pgettext_lazy("is this visitor a lead?", "No"),
}

QUALITY = {
    "follow_ups": _("Follow-ups"),
    "follow_ups.open": _("{count} open"),
    "follow_ups.late": _("{count} late"),
    "follow_up.low_mark": _("A visitor of {organisation} gave a {mark}."),
    "follow_up.angry_end": _("A visitor of {organisation} left angry."),
    "follow_ups.see": _("See it"),
    "coaching": _("For you"),
    "coaching.unread": _("{count} new"),
    "coaching.written": _("{name} wrote you something about your work."),
    "reviews": _("Quality reviews"),
    "help.follow_ups": _("Follow-ups, or what was written for you"),
}
