"""gradmath."""
