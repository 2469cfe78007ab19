"""The museum's exhibits in the order of the page: printed mistakes, then false alarms."""

from __future__ import annotations

from gradmath.claims.museum.exhibit import Exhibit
from gradmath.claims.museum.false_alarms import FALSE_ALARMS
from gradmath.claims.museum.printed_gradients import GRADIENTS
from gradmath.claims.museum.printed_starts import STARTS

EXHIBITS: tuple[Exhibit, ...] = (*GRADIENTS, *STARTS, *FALSE_ALARMS)
