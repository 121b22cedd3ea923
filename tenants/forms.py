"""The login form (an e-mail address and a password), and that of somebody who chooses their first password."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """Django's own, asking for the e-mail address. It never says which of the two was wrong."""

    username = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    error_messages = {
        "invalid_login": _("This e-mail address and password do not belong together. Capitals matter in the password."),
        "inactive": _("This account is not active."),
    }


class FirstPasswordForm(SetPasswordForm):
    """Name and password of an account that is about to be. It stores nothing: accepting the invitation does."""

    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"})
    )
    field_order = ["name", "new_password1", "new_password2"]

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())
