"""Numbers as text; rounding never carries a p-value across a threshold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from eventstudy.design import Window

MISSING = "-"
THRESHOLDS = (0.01, 0.05, 0.1)
SMALL_P = re.compile(r"\bp(?:값)? (<|&lt;)(?=\d)")
LEAST = 0.001  #: smaller p-values are not written out
MOST_DIGITS = 6
MINUS = re.compile(r"(?<![\w.,])-(?=\d)")  #: of a figure, not of a date, a window or a name
PRICE = 10.0  #: a stated figure from here on is no return


def percent(value: float | None, digits: int = 2) -> str:
    """Write a decimal return as percent, ``+1.25%``."""
    if value is None:
        return MISSING
    text = f"{100 * value:+.{digits}f}"
    return f"{text if float(text) else text[1:]}%"


@dataclass(frozen=True)
class Figures:
    """How abnormal figures are written: returns as percent, what is in log units as it is.

    Attributes
    ----------
    log
        Whether they are in log units.
    digits
        Decimals of a percent; in log units one more, where 0.01 is about one percent.
    typographic
        Whether a minus is the sign of that name and not a hyphen.

    Examples
    --------
    >>> Figures().effect(0.0125), Figures(log=True).effect(0.876)
    ('+1.25%', '+0.876')
    """

    log: bool = False
    digits: int = 2
    typographic: bool = False

    def effect(self, value: float | None, digits: int | None = None) -> str:
        """Write a figure with its sign."""
        decimals = self.digits if digits is None else digits
        if value is None:
            return MISSING
        text = percent(value, decimals)
        if self.log:
            text = f"{value:+.{decimals + 1}f}"
            text = text if float(text) else text[1:]
        return text.replace("-", "\u2212") if self.typographic else text

    def signed(self, text: str) -> str:
        """Return a written figure with the minus signs of the place it is written for."""
        return MINUS.sub("\u2212", text) if self.typographic else text

    def tick(self, value: float) -> str:
        """Write a mark of an axis with the digits that it needs; zero has no sign."""
        text = f"{value if self.log else 100 * value:+.6g}"
        return "0" if not value else self.signed(text if self.log else f"{text}%")

    def size(self, value: float | None) -> str:
        """Write a size, such as a standard error, without a sign."""
        return self.effect(value).lstrip("+")

    def interval(self, low: float | None, high: float | None) -> str:
        """Write an interval, ``-1.20% … +0.40%``."""
        return MISSING if low is None or high is None else f"{self.effect(low)} … {self.effect(high)}"

    def first_interval(
        self, conformal_low: float | None, conformal_high: float | None, low: float | None, high: float | None
    ) -> str:
        """Write the conformal interval of a firm-event, or that of t, marked as such, where there is none.

        Examples
        --------
        >>> Figures().first_interval(-0.012, 0.004, -0.02, 0.01)
        '-1.20% … +0.40%'
        >>> Figures().first_interval(None, None, -0.02, 0.01)
        '-2.00% … +1.00% (t)'
        """
        if conformal_low is not None:
            return self.interval(conformal_low, conformal_high)
        return self.interval(low, high) if low is None else f"{self.interval(low, high)} (t)"


def share(value: float) -> str:
    """Write a level as percent, ``95 %``, with a space that does not break."""
    return f"{100 * value:.4g}\u00a0%"


def freedom(*df: float | None) -> str:
    """Write degrees of freedom, ``5, 244``."""
    known = [value for value in df if value is not None]
    return ", ".join(f"{value:.4g}" if value < 1000 else f"{value:.0f}" for value in known) or MISSING


def stated(value: float | None) -> str:
    """Write a figure of a claim: a return as percent; from `PRICE` on it is a price or a market value."""
    return percent(value) if value is None or abs(value) < PRICE else f"{value:,.4g}"


def ratio(value: float | None, digits: int = 2) -> str:
    """Write a t, z or F statistic."""
    if value is None:
        return MISSING
    text = f"{value:.{digits}f}"
    return text if float(text) else text.lstrip("-")


def pvalue(value: float | None) -> str:
    """Write a p-value with three decimals, or as many more as distinguish it from 0.01, 0.05 and 0.10.

    Examples
    --------
    >>> pvalue(0.0502), pvalue(0.04996), pvalue(0.05), pvalue(0.0231), pvalue(0.0004)
    ('0.0502', '0.04996', '0.050', '0.023', '<0.001')
    """
    if value is None:
        return MISSING
    if value < LEAST:
        return f"<{LEAST}"
    for digits in range(3, MOST_DIGITS):
        text = f"{value:.{digits}f}"
        if value in THRESHOLDS or float(text) not in THRESHOLDS:
            return text
    return f"{value:.{MOST_DIGITS}f}"


def p_equals(value: float | None) -> str:
    """Write a p-value as part of a sentence, ``p = 0.031`` or ``p <0.001``."""
    text = pvalue(value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def spaced(text: str) -> str:
    """Return a sentence with its small p-values as they are set in text.

    Examples
    --------
    >>> spaced("joint F = 26.74, p <0.001"), spaced("Holm p값 <0.001")
    ('joint F = 26.74, p < 0.001', 'Holm p < 0.001')
    """
    return SMALL_P.sub(r"p \1 ", text)


def placebo(value: float | None, note: str | None) -> str:
    """Write a placebo rank; ``-`` where its note says not to rely on it."""
    return MISSING if note else pvalue(value)


def car_label(window: Window) -> str:
    """Name the abnormal return of a window: ``AR[0]`` of one session, else ``CAR[-1,+1]``."""
    return f"{'AR' if window.length == 1 else 'CAR'}{window}"


def count(value: float | None) -> str:
    """Write a count, ``1,200``."""
    return MISSING if value is None else f"{value:,.0f}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a count with its noun, ``1 event`` or ``1,200 events``."""
    return f"{count(number)} {noun if number == 1 else plural or f'{noun}s'}"


def letters(text: str) -> int:
    """Return how wide a text is, in letters; those of East Asia take two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def one_line(text: object) -> str:
    """Write a text, such as the message of an error, in one line."""
    return " ".join(str(text).split())


def listed(names: Sequence[str], most: int = 8) -> str:
    """Write names in a row, the first few where they are many."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
