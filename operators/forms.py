"""Shifts as they are typed in: what makes no sense is refused at the field, in words."""

from typing import Any

from django import forms
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _

from operators.models import Shift, ShiftException
from operators.staffing import WeeklyShift, shifts_overlap


class ShiftForm(forms.ModelForm):
    """One weekly shift."""

    class Meta:
        model = Shift
        fields = ["weekday", "starts", "ends", "valid_from", "valid_until"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        starts, ends = given.get("starts"), given.get("ends")
        if starts is not None and starts == ends:
            self.add_error("ends", _("A shift cannot end when it starts. After midnight is the next day."))
        first, last = given.get("valid_from"), given.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("This lies before the first day."))
        return given


class ShiftFormSet(BaseInlineFormSet):
    """All weekly shifts of one operator: nobody works twice at once."""

    def clean(self) -> None:
        super().clean()
        known: list[WeeklyShift] = []
        for form in self.forms:
            given = form.cleaned_data if form.is_valid() else {}
            if not given or given.get("DELETE") or "weekday" not in given:
                continue
            shift = WeeklyShift(
                given["weekday"], given["starts"], given["ends"], given["valid_from"], given["valid_until"]
            )
            if any(shifts_overlap(shift, other) for other in known):
                form.add_error("starts", _("This overlaps with another shift of the same operator."))
            known.append(shift)


class ShiftExceptionForm(forms.ModelForm):
    """One date that differs."""

    class Meta:
        model = ShiftException
        fields = ["date", "kind", "starts", "ends", "label"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        starts, ends = given.get("starts"), given.get("ends")
        if (starts is None) != (ends is None):
            self.add_error("ends" if ends is None else "starts", _("Give both hours, or neither."))
        elif starts is None and given.get("kind") == ShiftException.Kind.EXTRA:
            self.add_error("starts", _("Extra hours need a start and an end."))
        elif starts is not None and starts == ends:
            self.add_error("ends", _("Leave both empty for the whole day."))
        return given
