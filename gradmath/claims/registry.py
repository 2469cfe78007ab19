"""All claims by id.  Pages of claims register themselves when `gradmath.claims` is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gradmath.claims.retired import RETIRED
from gradmath.errors import DeclarationError, UnknownNameError

if TYPE_CHECKING:
    from gradmath.claims.claim import Claim

#: Where a claim can stand: chapter pages in their order, the museum, the gallery, the catalogue.
PAGES = (
    "before-you-start",
    "one-neuron",
    "chain-rule",
    "vanishing",
    "exploding",
    "edge",
    "remedies",
    "practice",
    "museum",
    "gallery",
    "catalogue",
)

_CLAIMS: dict[str, Claim] = {}


def register(claim: Claim) -> None:
    """Add a claim; an id that is or was taken, in any spelling of its case, is refused."""
    if claim.id.lower() in {retired.lower() for retired in RETIRED}:
        raise DeclarationError(
            "claim id", got=repr(claim.id), remedy="a retired claim keeps its id; take another"
        )
    taken = {known.lower(): known for known in _CLAIMS}
    if claim.id.lower() in taken:
        other = _CLAIMS[taken[claim.id.lower()]]
        raise DeclarationError(
            "claim id",
            got=repr(claim.id),
            remedy=f"it is taken by {':'.join(map(str, other.source))}",
        )
    _CLAIMS[claim.id] = claim


class Claims(Mapping[str, "Claim"]):
    """Read-only mapping from id to claim, in the order of the chapter."""

    def __getitem__(self, id: str) -> Claim:
        try:
            return _CLAIMS[id]
        except KeyError:
            if id in RETIRED:
                raise UnknownNameError("claim", id, [RETIRED[id].successor]) from None
            raise UnknownNameError("claim", id, _CLAIMS) from None

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(_CLAIMS, key=lambda id: PAGES.index(_CLAIMS[id].page)))

    def __len__(self) -> int:
        return len(_CLAIMS)

    def __contains__(self, id: object) -> bool:
        return id in _CLAIMS

    def __repr__(self) -> str:
        return f"<{len(self)} claims: {', '.join(self)}>"

    def on_page(self, page: str) -> list[Claim]:
        """The claims of one chapter page, in their order there."""
        return [claim for claim in _CLAIMS.values() if claim.page == page]
