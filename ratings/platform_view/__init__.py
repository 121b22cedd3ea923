"""The outsourcer's view of all clients: sums and intervals from the public schema, never a text and never a
conversation's id."""
