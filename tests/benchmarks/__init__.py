"""`nox -s bench`: how fast the backends are beside others, and how accurate."""
