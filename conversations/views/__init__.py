"""HTTP: pages and the API."""
