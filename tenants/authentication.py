"""Log-in by e-mail address and password. What the account may do is decided per host in ``tenants.access``."""

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from tenants.models import User


class EmailBackend(BaseBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_more: Any
    ) -> User | None:
        if not username or not password:
            return None
        user = User.objects.filter(email=username.strip().lower(), is_active=True).first()
        if user is None:
            User().set_password(password)  # the same time as for an account that exists
            return None
        return user if user.check_password(password) else None

    def get_user(self, user_id: UUID | str) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
