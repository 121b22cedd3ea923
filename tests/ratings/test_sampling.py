"""Over many visitors all pairs of factors are asked equally often, also when conversations end at the same moment."""

import threading
from uuid import uuid4

import pytest
from django.db import transaction

from ratings.factors import Factor, pairs
from ratings.models import AskedPair
from ratings.sampling import begin_anew, next_pair
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme
from tests.conversations.scene import in_threads

ALL = list(Factor.values)


def a_language() -> str:
    """A column of counters that no other test counts in."""
    return uuid4().hex[:8]


def ask(language: str, factors: list[str] = ALL, times: int = 1) -> list[list[str]]:
    """Asks so often, each in a transaction of its own as closings have."""

    def run(_organisation: OrganisationRef) -> list[list[str]]:
        asked = []
        for _ in range(times):
            with transaction.atomic():
                asked.append(next_pair(language, factors))
        return asked

    return in_organisation(acme(), run)


def counts(language: str) -> list[int]:
    rows = AskedPair.objects.filter(language=language)
    return in_organisation(acme(), lambda _: list(rows.values_list("asked", flat=True)))


def test_one_after_another_every_pair_is_asked_once_before_any_is_asked_twice() -> None:
    language = a_language()

    asked = ask(language, times=45)

    assert sorted(sorted(pair) for pair in asked) == [list(pair) for pair in pairs(ALL)]
    assert counts(language) == [1] * 45


def test_after_thousands_of_asks_in_parallel_threads_all_pairs_were_asked_equally_often() -> None:
    language, threads, times = a_language(), 6, 500

    asked = in_threads([lambda: ask(language, times=times)] * threads)

    assert sum(len(one) for one in asked) == threads * times
    told = counts(language)
    assert sum(told) == threads * times
    assert len(told) == 45
    assert max(told) - min(told) <= 2


def test_closings_at_one_moment_wait_for_nobody_and_get_pairs_of_their_own() -> None:
    language, started = a_language(), threading.Barrier(6)
    ask(language, times=45)

    def hold() -> list[str]:
        def run(_organisation: OrganisationRef) -> list[str]:
            with transaction.atomic():
                pair = next_pair(language, ALL)
                started.wait(60)  # nobody commits before all have chosen
                return pair

        return in_organisation(acme(), run)

    held = in_threads([hold] * 6)

    assert len({tuple(sorted(pair)) for pair in held}) == 6
    assert sorted(counts(language)) == [1] * 39 + [2] * 6


def test_where_there_are_fewer_pairs_than_closings_they_wait_and_none_is_lost() -> None:
    language, three = a_language(), [Factor.TRUST.value, Factor.EASE.value, Factor.CORRECT.value]

    in_threads([lambda: ask(language, three, times=50)] * 6)

    told = counts(language)
    assert (len(told), sum(told)) == (3, 300)
    assert max(told) - min(told) <= 2


def test_what_was_rolled_back_was_not_asked() -> None:
    language = a_language()
    ask(language, times=44)

    def fail(_organisation: OrganisationRef) -> list[str]:
        chosen = []
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            chosen = next_pair(language, ALL)
            raise ZeroDivisionError
        return chosen

    left_over = in_organisation(acme(), fail)

    assert sum(counts(language)) == 44
    assert ask(language) == [left_over]


def test_a_pair_comes_in_the_organisations_order() -> None:
    backwards = list(reversed(ALL))

    for pair in ask(a_language(), backwards, times=45):
        assert pair == sorted(pair, key=backwards.index)


@pytest.mark.parametrize("factors", [[], ["trust"], ["trust", "ease"]])
def test_fewer_than_three_factors_are_all_asked_and_need_no_counters(factors: list[str]) -> None:
    language = a_language()

    assert ask(language, factors, times=3) == [factors] * 3
    assert counts(language) == []


def test_each_language_counts_for_itself_and_begins_anew_by_itself() -> None:
    one, other = a_language(), a_language()
    ask(one, times=5)
    ask(other, times=7)

    in_organisation(acme(), lambda _: begin_anew(one))

    assert (sum(counts(one)), sum(counts(other))) == (0, 7)


def test_a_factor_that_is_new_gets_its_counters() -> None:
    language, few = a_language(), ["correct", "ease", "trust"]
    ask(language, few, times=3)

    asked = ask(language, [*few, "feeling"], times=3)

    assert all("feeling" in pair for pair in asked)
    assert counts(language) == [1] * 6
