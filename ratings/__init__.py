"""Ratings, reports and the client's own admin. Tenant schema."""
