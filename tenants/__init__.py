"""Organisations, their hosts, websites, opening hours and people; the tenant context. Public schema."""
