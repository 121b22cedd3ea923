"""Visitors, conversations, the journal, both sockets, the widget and the desk. Tenant schema."""
