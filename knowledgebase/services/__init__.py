"""Changes of what an organisation knows. They run inside its schema."""
