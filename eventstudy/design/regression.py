"""`Regression`: one cross-sectional regression of CARs that a study asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from eventstudy._typing import Cluster, Covariance, Estimator
from eventstudy.design.window import Window, read_window
from eventstudy.errors import DesignError, UnknownNameError

FIELD = "regress"
LONGEST = 1_000  #: characters of a formula
TAKES: dict[str, tuple[str, ...]] = {  #: standard errors that each estimator takes without clusters
    "ols": ("auto", "ols", "hc1", "hc3"),
    "wls": ("auto", "hc1"),
    "fama-macbeth": ("auto",),
}
CHOICES = {"estimator": Estimator, "cov": Covariance, "cluster": Cluster}


@dataclass(frozen=True)
class Regression:
    """A regression of CARs on characteristics of the firm-events.

    Attributes
    ----------
    formula
        ``car ~ size + C(kind)``: the left side is a measure, the right side names columns.
    window
        The CAR window; None for every one of the design.
    estimator
        ``ols``, ``wls`` (weights ``1 / car_se^2``) or ``fama-macbeth`` (one cross-section per date).
    cov
        Standard errors without clusters; ``auto`` clusters by session where there are several dates.
    cluster
        Standard errors clustered by ``session``, ``ticker`` or ``both``.
    """

    formula: str
    window: Window | None = None
    estimator: Estimator = "ols"
    cov: Covariance = "auto"
    cluster: Cluster | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.formula, str) or "~" not in self.formula or len(self.formula) > LONGEST:
            shown = repr(self.formula)[:60]
            raise DesignError(FIELD, f"{shown} is not a formula such as 'car ~ size + C(kind)'")
        for name, kind in CHOICES.items():
            value = getattr(self, name)
            if value not in get_args(kind) and not (name == "cluster" and value is None):
                raise UnknownNameError(name, str(value), get_args(kind))
        taken = TAKES[self.estimator]
        if self.cov not in taken:
            raise DesignError(FIELD, f"{self.estimator} takes cov {' or '.join(taken)}, not {self.cov}")
        if self.cluster is not None and (self.cov != "auto" or self.estimator == "fama-macbeth"):
            other = self.estimator if self.cov == "auto" else f"cov {self.cov}"
            raise DesignError(FIELD, f"standard errors are either of {other} or of a cluster; keep one")

    @classmethod
    def parse(cls, value: RegressionLike) -> Regression:
        """Read a formula, or a mapping of the fields with one."""
        if isinstance(value, Regression):
            return value
        if isinstance(value, str):
            return cls(" ".join(value.split()))
        if not isinstance(value, Mapping) or "formula" not in value:
            raise DesignError(FIELD, f"{value!r} is neither a formula nor a mapping with formula")
        fields = {str(name): given for name, given in value.items()}
        for name in fields:
            if name not in cls.__dataclass_fields__:
                raise UnknownNameError(f"key of {FIELD}", name, list(cls.__dataclass_fields__))
        if (window := fields.get("window")) is not None:
            fields["window"] = read_window(FIELD, window)
        formula = fields.pop("formula")
        return cls(" ".join(formula.split()) if isinstance(formula, str) else formula, **fields)

    def notation(self) -> str | dict[str, Any]:
        """Return the regression as a study file has it."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain = {name: value for name, value in fields.items() if value != _DEFAULTS[name]}
        if self.window is not None:
            plain["window"] = list(self.window)
        return self.formula if set(plain) == {"formula"} else plain

    def __str__(self) -> str:
        return self.formula


_DEFAULTS = {name: each.default for name, each in Regression.__dataclass_fields__.items()}

RegressionLike = str | Mapping[str, Any] | Regression


def check_regressions(regressions: Iterable[Regression], car_windows: Sequence[Window]) -> None:
    """Refuse a regression of a window that is not cumulated."""
    for each in regressions:
        if each.window is not None and each.window not in car_windows:
            raise DesignError("regress", f"{each.window} of {each} is not among the CAR windows")


def read_regressions(field: str, value: Any) -> tuple[Regression, ...]:
    """Read one formula, or several formulas and mappings."""
    if isinstance(value, str | Mapping | Regression):
        return (Regression.parse(value),)
    if isinstance(value, bytes) or not isinstance(value, Iterable):
        raise DesignError(field, f"{value!r} is not a list of formulas, such as ['car ~ size']")
    return tuple(dict.fromkeys(map(Regression.parse, value)))
