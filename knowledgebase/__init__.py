"""What an organisation knows: topics, and the trivia that automation may answer. Tenant schema."""
