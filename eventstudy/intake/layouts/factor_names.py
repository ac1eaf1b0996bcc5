"""The names of factors."""

from __future__ import annotations

from eventstudy.intake.plain_titles import plain

#: Ken French's spelling of each name, compared without case and marks; WRDS and others call momentum umd or
#: wml
FRENCH = {
    **{plain(name): name for name in ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "RF", "Mom")},
    **dict.fromkeys(("umd", "wml"), "Mom"),
}
