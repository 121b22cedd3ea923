"""Accounts, and what makes them count for something on a host."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from tenants.clock import PlatformNow
from tenants.identifiers import uuid7
from tenants.models.organisations import Organisation


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None) -> "User":
        user = self.model(email=email.strip().lower(), name=name)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """An account. It grants nothing by itself: memberships and staff roles do, each on its own host."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=PlatformNow())

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [models.UniqueConstraint(Lower("email"), name="tenants_user_email_any_case")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name

    # Django's admin asks these two. Permission is decided per host in tenants.access, so the account says no.
    is_staff = False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Membership(models.Model):
    """One of the organisation's own people. Grants something on that organisation's hosts only."""

    class Role(models.TextChoices):
        MANAGER = "manager", _("manager")
        SPECIALIST = "specialist", _("specialist")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("account"))
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="memberships", verbose_name=_("organisation")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role)
    seen_at = models.DateTimeField(_("last log-in"), null=True, help_text="On this organisation's hosts.")

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "organisation", "role"], name="tenants_membership_once")]

    def __str__(self) -> str:
        return f"{self.get_role_display()}"


class Invitation(models.Model):
    """An address that may become a manager of the organisation. It is no account before it is accepted, and says
    nothing of whether there is one. ``number`` counts its links: only the newest opens it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="invitations", verbose_name=_("organisation")
    )
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=80)
    number = models.PositiveSmallIntegerField(default=1)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by"))
    sent_at = models.DateTimeField(_("sent"))
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=models.Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="tenants_invited_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class StaffRole(models.Model):
    """One of the outsourcing company's people. Grants something on the desk host only."""

    class Role(models.TextChoices):
        OPERATOR = "operator", _("operator")
        SUPERVISOR = "supervisor", _("supervisor")
        PLATFORM_ADMIN = "platform_admin", _("platform administrator")

    user = models.ForeignKey(User, models.CASCADE, related_name="staff_roles", verbose_name=_("account"))
    role = models.CharField(_("role"), max_length=16, choices=Role)

    class Meta:
        verbose_name = _("staff role")
        verbose_name_plural = _("staff roles")
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="tenants_staff_role_once")]

    def __str__(self) -> str:
        return f"{self.get_role_display()}"
