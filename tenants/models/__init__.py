"""Organisations, where they live on the web, when they are open, and who may do what. All in the public schema."""

from tenants.models.accounts import Invitation, Membership, StaffRole, User
from tenants.models.hours import CalendarKind, OpeningHours, SpecialDay, SpecialInterval
from tenants.models.organisations import (
    COLOUR,
    ORIGIN,
    SLUG,
    Domain,
    Organisation,
    OrganisationText,
    Website,
    validate_time_zone,
)
from tenants.models.records import AuditRecord, PeriodKind, Pulse, ReportFigures

__all__ = [
    "COLOUR",
    "ORIGIN",
    "SLUG",
    "AuditRecord",
    "CalendarKind",
    "Domain",
    "Invitation",
    "Membership",
    "OpeningHours",
    "Organisation",
    "OrganisationText",
    "PeriodKind",
    "Pulse",
    "ReportFigures",
    "SpecialDay",
    "SpecialInterval",
    "StaffRole",
    "User",
    "Website",
    "validate_time_zone",
]
