"""Is it right?  Oracles that import nothing of what they judge, and reports that can fail.

    import gradmath as gm

    gm.verify(gm.sigmoid).require()       # or a derivation, a kernel, a claim, a list of these
    gm.verify().status                    # everything: "passed", "failed" or "inconclusive"

The oracle (`oracle`) evaluates definitions in ball arithmetic and never guesses; proofs
(`symbolic`) end in exactly 0 or prove nothing; unknown is never a pass.
"""

from __future__ import annotations

from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Report, Row

__all__ = ["FAILED", "INCONCLUSIVE", "PASSED", "Report", "Row", "register", "verify"]


def verify(subject: object = None) -> Report:
    """Verify a derivation, a kernel, a catalogue entry, a claim, several of these, or everything.

    subject:
        a derivation: each local derivative is proved equal to that of the definition (or, where
        no proof is found, checked), and every line is held against a reverse sweep in balls;
        a kernel: every number at deterministic points, tails included, against the oracle, within
        4 epsilon (of float64, or of float32) times the first-order effect of rounding;
        a callable entry such as ``gm.sigmoid``: values and derivatives of orders 1 and 2 over the
        whole range of float64 and float32, within 4 (1 + k) ulp, k the condition number, and 4
        times the smallest subnormal number below the smallest normal one; no NaN, no warning;
        a claim: its evidence and its planted mistakes;
        a list or mapping of these; nothing: all entries of the catalogue and all claims.

    The report has a row for each comparison; `report.require()` raises `VerificationError`
    naming the step, the point and both values.  Raises `ArgumentTypeError` for anything else.
    """
    from gradmath.verify import subjects

    if subject is None:
        return subjects.together(subjects.everything(), "everything")
    return subjects.report(subject)


def register(provider: object) -> object:
    """Add subjects to ``verify()``: `provider` is called without arguments and returns them."""
    from gradmath.verify import subjects

    return subjects.register(provider)  # type: ignore[arg-type]  # checked when it is called
