"""The registry of layouts of academic data bases."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.compustat import COMPUSTAT
from eventstudy.intake.layouts.crsp_ciz import CRSP_CIZ
from eventstudy.intake.layouts.crsp_siz import CRSP_SIZ
from eventstudy.intake.layouts.returns_long import RETURNS_LONG
from eventstudy.intake.series import PriceReading

#: in the order in which they are tried
ACADEMIC_LAYOUTS: tuple[Layout[PriceReading], ...] = (
    CRSP_CIZ,
    CRSP_SIZ,
    COMPUSTAT,
    RETURNS_LONG,
)
