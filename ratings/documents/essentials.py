"""The few sentences at the top: what changed, why probably, what to do.

Rules, not guesses. Each uses only numbers that stand in the report, names its n, and is silent about groups that are
too small. A change of a share is called one only if chance alone would show as much in fewer than one of twenty reports
(two proportions, pooled); "probably" stands wherever a cause is named, because the numbers only went together.
"""

from collections.abc import Iterator, Mapping
from math import sqrt

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from ratings.documents.document import SMALL_GROUP, Amount, Essential, Figure, Sentence, Tone, Written
from tenants.models import PeriodKind as Kind

MOST_ESSENTIALS = 5
BEYOND_CHANCE = 1.96
NOTABLE_POINTS = 3
BUSIER_PERCENT = 20
NOTABLE_MARK = 0.5
MANY_OUTSIDE = 5
"""Questions left outside opening hours, and at least one for every ten conversations."""

BEFORE = {Kind.DAY: _("the day before"), Kind.WEEK: _("the week before"), Kind.MONTH: _("the month before")}

Figures = Mapping[str, Figure]


def essentials_of(then: LazyText, figures: Figures) -> tuple[Essential, ...]:
    """Worst first, at most five, never none. ``then`` is what sentences call the period that is compared with."""
    found = [*_replies(then, figures), *_marks(then, figures), *_volume(then, figures), *_knowledge(figures)]
    found += _outside(figures)
    if not found or all(one.code == "volume" for one in found):
        found.append(_nothing_notable(then, figures))
    order = [Tone.WORSE, Tone.BETTER, Tone.NOTE]
    return tuple(sorted(found, key=lambda one: order.index(one.tone))[:MOST_ESSENTIALS])


def is_beyond_chance(now: Amount, before: Amount) -> bool:
    """Whether two shares differ by more than chance alone would show, both counted over enough."""
    if now.value is None or before.value is None or not now.n or not before.n:
        return False
    if min(now.n, before.n) < SMALL_GROUP:
        return False
    pooled = (now.value * now.n + before.value * before.n) / (now.n + before.n) / 100
    error = 100 * sqrt(max(0.0, pooled * (1 - pooled)) * (1 / now.n + 1 / before.n))
    difference = abs(now.value - before.value)
    return difference >= NOTABLE_POINTS and difference > BEYOND_CHANCE * error


def _replies(then: LazyText, figures: Figures) -> Iterator[Essential]:
    for name in ("first_replies_in_time", "follow_ups_in_time"):
        figure = figures[name]
        if figure.before is None or not is_beyond_chance(figure.now, figure.before):
            continue
        amounts: Written = {"what": figure.label, "now": figure.now, "before": figure.before, "then": then}
        if (figure.now.value or 0) < (figure.before.value or 0):
            why, advice = _why_late(figures)
            what = Sentence(_("%(what)s: down to %(now)s from %(before)s %(then)s."), amounts)
            yield Essential(name, Tone.WORSE, what, why, advice)
        else:
            what = Sentence(_("%(what)s: up to %(now)s from %(before)s %(then)s."), amounts)
            yield Essential(name, Tone.BETTER, what)


def _why_late(figures: Figures) -> tuple[Sentence, Sentence]:
    talks, unanswered = figures["conversations"], figures["unanswered_questions"]
    counts = {"now": talks.now, "before": talks.before or talks.now}
    if _grew(talks):
        return (
            Sentence(_("Probably because more visitors wrote: %(now)s conversations, %(before)s before."), counts),
            Sentence(_("Tell the desk when you expect busy days, so that shifts can follow."), {}),
        )
    if _grew(unanswered):
        questions = {"now": unanswered.now, "before": unanswered.before or unanswered.now}
        return (
            Sentence(_("Probably because more questions had no article: %(now)s, %(before)s before."), questions),
            Sentence(_("Answer the gaps in your knowledge base, the most asked ones first."), {}),
        )
    return (
        Sentence(
            _("The number of conversations does not explain it (%(now)s, %(before)s before), nor does another figure."),
            counts,
        ),
        Sentence(_("Ask your contact at the desk what happened."), {}),
    )


def _grew(figure: Figure) -> bool:
    """By a fifth or more, from enough, and by more than chance shows in counts."""
    if figure.before is None or not figure.before.value or figure.now.value is None:
        return False
    now, before = figure.now.value, figure.before.value
    if before < SMALL_GROUP:
        return False
    return 100 * (now - before) >= BUSIER_PERCENT * before and now - before > BEYOND_CHANCE * sqrt(now + before)


def _marks(then: LazyText, figures: Figures) -> Iterator[Essential]:
    mark = figures["mean_mark"]
    difference = mark.difference.value if mark.difference else None
    if difference is None or mark.before is None or abs(difference) < NOTABLE_MARK:
        return
    amounts: Written = {"now": mark.now, "before": mark.before, "then": then}
    if difference < 0:
        yield Essential(
            "mean_mark",
            Tone.WORSE,
            Sentence(_("Mean mark: down to %(now)s from %(before)s %(then)s."), amounts),
            None,
            Sentence(_("Read the comments beside the marks; they are in your administration, never in mails."), {}),
        )
    else:
        yield Essential(
            "mean_mark", Tone.BETTER, Sentence(_("Mean mark: up to %(now)s from %(before)s %(then)s."), amounts)
        )


def _volume(then: LazyText, figures: Figures) -> Iterator[Essential]:
    talks = figures["conversations"]
    if talks.now.value == 0:
        yield Essential("quiet", Tone.NOTE, Sentence(_("No visitor started a conversation."), {}))
    elif talks.before is not None and talks.difference is not None and talks.difference.value:
        amounts: Written = {"now": talks.now, "before": talks.before, "then": then}
        yield Essential("volume", Tone.NOTE, Sentence(_("Conversations: %(now)s, %(then)s %(before)s."), amounts))


def _knowledge(figures: Figures) -> Iterator[Essential]:
    unanswered, gaps = figures["unanswered_questions"].now, figures["new_gaps"].now
    if (unanswered.value or 0) >= SMALL_GROUP:
        yield Essential(
            "unanswered",
            Tone.NOTE,
            Sentence(
                _("Questions without an article: %(count)s. New gaps: %(gaps)s."), {"count": unanswered, "gaps": gaps}
            ),
            None,
            Sentence(_("Answer the gaps in your knowledge base, the most asked ones first."), {}),
        )


def _outside(figures: Figures) -> Iterator[Essential]:
    left, talks = figures["contact_requests"].now, figures["conversations"].now
    if (left.value or 0) >= MANY_OUTSIDE and 10 * (left.value or 0) >= (talks.value or 0):
        amounts: Written = {"left": left, "talks": talks}
        yield Essential(
            "outside",
            Tone.NOTE,
            Sentence(_("Questions left outside opening hours: %(left)s, beside %(talks)s conversations."), amounts),
            None,
            Sentence(_("See when they come; longer opening hours may be worth it."), {}),
        )


def _nothing_notable(then: LazyText, figures: Figures) -> Essential:
    first = figures["first_replies_in_time"]
    if first.before is None:
        words = _("There is no report of %(then)s to compare with. First replies in time: %(now)s.")
    elif min(first.now.n or 0, first.before.n or 0) < SMALL_GROUP:
        words = _("Too few replies to conclude anything from a difference to %(then)s. First replies in time: %(now)s.")
    else:
        words = _("Replies in time changed by no more than chance alone would show. First replies in time: %(now)s.")
    return Essential("steady", Tone.NOTE, Sentence(words, {"then": then, "now": first.now}))
