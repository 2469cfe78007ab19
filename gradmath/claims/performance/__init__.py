"""How fast and how accurate: read from a record that `nox -s bench` writes, held against goals.

Nothing here is verified again when a page is made: every number is the record's, and its grade is
`recorded`.
"""

from __future__ import annotations
