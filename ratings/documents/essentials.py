"""The few sentences at the top: what changed, why probably, what to do.

Rules, not guesses. Each uses only numbers that stand in the report, names its n, and is silent about groups that are
too small. A change is called one only where the word beside its figure says so (:mod:`ratings.documents.comparing`);
"probably" stands wherever a cause is named, because the numbers only went together.
"""

from collections.abc import Iterator, Mapping

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from ratings.documents.comparing import Word, grew, word_for
from ratings.documents.document import SMALL_GROUP, Amount, Essential, Figure, Sentence, Tone, Written
from tenants.models import PeriodKind as Kind

MOST_ESSENTIALS = 5
MANY_OUTSIDE = 5
"""Questions left outside opening hours, and at least one for every ten conversations."""

BEFORE = {Kind.DAY: _("the day before"), Kind.WEEK: _("the week before"), Kind.MONTH: _("the month before")}

Figures = Mapping[str, Figure]


def essentials_of(then: LazyText, figures: Figures) -> tuple[Essential, ...]:
    """Worst first, at most five, never none. ``then`` is what sentences call the period that is compared with."""
    found = [*_marks(then, figures), *_shares(then, figures), *_volume(then, figures), *_knowledge(figures)]
    found += _outside(figures)
    if not found or all(one.code == "volume" for one in found):
        found.append(_nothing_notable(then, figures))
    order = [Tone.WORSE, Tone.BETTER, Tone.NOTE]
    return tuple(sorted(found, key=lambda one: order.index(one.tone))[:MOST_ESSENTIALS])


def _shares(then: LazyText, figures: Figures) -> Iterator[Essential]:
    """What was promised, and what visitors said of it."""
    for name, why in {
        "first_replies_in_time": _why_late,
        "follow_ups_in_time": _why_late,
        "answered": _why_late,
        "not_solved": _why_unhappy,
        "worse_than_expected": _why_unhappy,
        "angry_ends": _why_unhappy,
    }.items():
        figure = figures[name]
        word = word_for(figure)
        if figure.before is None or word not in (Word.BETTER, Word.WORSE):
            continue
        amounts: Written = {"what": figure.label, "now": figure.now, "before": figure.before, "then": then}
        if (figure.now.value or 0) < (figure.before.value or 0):
            what = Sentence(_("%(what)s: down to %(now)s from %(before)s %(then)s."), amounts)
        else:
            what = Sentence(_("%(what)s: up to %(now)s from %(before)s %(then)s."), amounts)
        if word == Word.BETTER:
            yield Essential(name, Tone.BETTER, what)
        else:
            yield Essential(name, Tone.WORSE, what, *why(figures))


def _why_late(figures: Figures) -> tuple[Sentence, Sentence]:
    talks = figures["conversations"]
    if grew(talks):
        return (
            Sentence(
                _("Probably because more visitors wrote: %(now)s conversations, %(before)s before."), _both(talks)
            ),
            Sentence(_("Tell the desk when you expect busy days, so that shifts can follow."), {}),
        )
    if grew(figures["unanswered_questions"]):
        return _lacked_articles(figures)
    return (
        Sentence(
            _("The number of conversations does not explain it (%(now)s, %(before)s before), nor does another figure."),
            _both(talks),
        ),
        Sentence(_("Ask your contact at the desk what happened."), {}),
    )


def _why_unhappy(figures: Figures) -> tuple[Sentence, Sentence]:
    """Of lower marks, and of more visitors who were disappointed: what else got worse at the same time."""
    for name in ("follow_ups_in_time", "first_replies_in_time", "answered"):
        figure = figures[name]
        if word_for(figure) == Word.WORSE:
            return (
                Sentence(
                    _("Probably because the desk was slower: %(what)s %(now)s, %(before)s before."),
                    {"what": figure.label, **_both(figure)},
                ),
                Sentence(_("See under Why how much waiting moves your visitors' marks."), {}),
            )
    if grew(figures["unanswered_questions"]):
        return _lacked_articles(figures)
    return (
        Sentence(_("Neither the time visitors waited nor missing articles explain it."), {}),
        Sentence(_("Read the comments beside the marks; they are in your administration, never in mails."), {}),
    )


def _lacked_articles(figures: Figures) -> tuple[Sentence, Sentence]:
    return (
        Sentence(
            _("Probably because more questions had no article: %(now)s, %(before)s before."),
            _both(figures["unanswered_questions"]),
        ),
        Sentence(_("Answer the gaps in your knowledge base, the most asked ones first."), {}),
    )


def _both(figure: Figure) -> dict[str, Amount]:
    return {"now": figure.now, "before": figure.before or figure.now}


def _marks(then: LazyText, figures: Figures) -> Iterator[Essential]:
    mark = figures["mean_mark"]
    word = word_for(mark)
    if mark.before is None or word not in (Word.BETTER, Word.WORSE):
        return
    amounts: Written = {**_both(mark), "then": then}
    if word == Word.WORSE:
        what = Sentence(_("Mean mark: down to %(now)s from %(before)s %(then)s."), amounts)
        yield Essential("mean_mark", Tone.WORSE, what, *_why_unhappy(figures))
    else:
        what = Sentence(_("Mean mark: up to %(now)s from %(before)s %(then)s."), amounts)
        yield Essential("mean_mark", Tone.BETTER, what)


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
        words = _("Questions without an article: %(count)s. New gaps: %(gaps)s.")
        if gaps.value is None:  # a narrowed selection cannot tell
            words = _("Questions without an article: %(count)s.")
        yield Essential(
            "unanswered",
            Tone.NOTE,
            Sentence(words, {"count": unanswered, "gaps": gaps}),
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
            Sentence(
                _("Contact requests left outside opening hours: %(left)s, beside %(talks)s conversations."), amounts
            ),
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
