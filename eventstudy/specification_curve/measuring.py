"""Every firm-event under every specification, a chunk of firm-events at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.design import Window
from eventstudy.models.estimation import CHUNK, Specification, fit_and_forecast, measured
from eventstudy.models.model import ModelFit
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.left_out import left_out
from eventstudy.specification_curve.covering import Placed, covering_window
from eventstudy.specification_curve.joint_inference import JointInference, joint_inference

MOST_HELD = 4_000_000  #: left-out t that are held at once: 32 MB


@dataclass(frozen=True)
class Curves:
    """N firm-events under S specifications in W windows.

    Attributes
    ----------
    window
        Spans every estimation window; its sessions are the columns of ``used``, and its shifts those of the
        joint inference.
    car, car_se, statistic, pvalue
        Shape (N, S, W).
    df, n_estimation
        Shape (N, S).
    reason
        Why a firm-event was not measured under a specification, ``""`` where it was; shape (N, S).
    joint
        Of each window, over the specifications.
    used
        Estimation sessions that every specification that measured the firm-event used, shape (N, L1).
    """

    window: Window
    car: FloatArray
    car_se: FloatArray
    statistic: FloatArray
    pvalue: FloatArray
    df: FloatArray
    n_estimation: IntArray
    reason: TextArray
    joint: tuple[JointInference, ...]
    used: BoolArray


def measure(placed: Sequence[Placed], progress: Callable[[int, int], None] | None = None) -> Curves:
    """Measure all firm-events; their number in a chunk falls with that of the specifications."""
    windows = placed[0].spec.design.car_windows
    window = covering_window(each.choice for each in placed)
    lengths = dict.fromkeys(each.length for each in windows)
    held = len(placed) * max(window.length, 1) * len(lengths)
    total, size = len(placed[0].spec.panel), min(max(MOST_HELD // held, 1), CHUNK)
    parts = []
    for start in range(0, total, size):
        events = np.arange(start, min(start + size, total))
        parts.append(_measured_chunk(placed, events, windows, window))
        if progress is not None:
            progress(int(events[-1]) + 1, total)
    return _joined(parts)


class _Chunk:
    """The arrays of some firm-events, filled specification by specification."""

    def __init__(self, n: int, specifications: int, windows: Sequence[Window], window: Window) -> None:
        shape = (n, specifications)
        self.windows, self.window = windows, window
        self.car, self.car_se = (np.full((*shape, len(windows)), np.nan) for _ in range(2))
        self.df, self.n = np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
        self.reason = np.full(shape, "", dtype=object)
        self.used = np.ones((n, window.length), dtype=bool)
        shifts = {each.length: max(window.length - each.length + 1, 0) for each in windows}
        self.left_out = {
            length: np.full((n, number, specifications), np.nan) for length, number in shifts.items()
        }

    def fill(self, at: int, spec: Specification, events: IntArray) -> None:
        """Estimate the firm-events under one specification."""
        fit, abnormal = fit_and_forecast(spec, events)
        self.n[:, at], self.df[:, at] = fit.n, fit.df
        self.reason[:, at], abnormal = measured(spec, events, fit, abnormal)
        for place, window in enumerate(self.windows):
            self.car[:, at, place] = abnormal.car(window)
            self.car_se[:, at, place] = abnormal.car_se(window)
        begin = spec.design.estimation_window.start - self.window.start
        self._use(begin, abnormal, np.asarray(self.reason[:, at] == ""))
        for length, held in self.left_out.items():
            scores = _left_out(fit, abnormal, length)
            held[:, begin : begin + scores.shape[1], at] = scores

    def _use(self, begin: int, abnormal: AbnormalReturns, ok: BoolArray) -> None:
        used = np.zeros(self.used.shape, dtype=bool)
        used[:, begin : begin + abnormal.residuals.shape[1]] = np.isfinite(abnormal.residuals)
        self.used &= used | ~ok[:, None]


def _left_out(fit: ModelFit, abnormal: AbnormalReturns, length: int) -> FloatArray:
    """Return the left-out t of every shift, shape (n, P); no column where the window is too short."""
    if abnormal.residuals.shape[1] < length:
        return np.empty((len(abnormal), 0))
    blocks = left_out(abnormal.residuals, fit.estimation_root, length, abnormal.past)
    return blocks.studentised(abnormal.sigma, abnormal.residual_df)


def _measured_chunk(
    placed: Sequence[Placed], events: IntArray, windows: Sequence[Window], window: Window
) -> Curves:
    chunk = _Chunk(len(events), len(placed), windows, window)
    for at, each in enumerate(placed):
        if each.problem:
            chunk.reason[:, at] = each.problem
        else:
            chunk.fill(at, each.spec, events)
    alternative = placed[0].spec.design.alternative
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = chunk.car / chunk.car_se
    joint = tuple(
        joint_inference(
            statistic[:, :, place], chunk.df, chunk.left_out[each.length], chunk.df - each.length, alternative
        )
        for place, each in enumerate(windows)
    )
    return Curves(
        window=window,
        car=chunk.car,
        car_se=chunk.car_se,
        statistic=statistic,
        pvalue=t_pvalue(statistic, chunk.df[:, :, None], alternative),
        df=chunk.df,
        n_estimation=chunk.n,
        reason=chunk.reason,
        joint=joint,
        used=chunk.used & (chunk.reason == "").any(axis=1)[:, None],
    )


def _joined(parts: Sequence[Curves]) -> Curves:
    """Concatenate the arrays of chunks along axis 0."""

    def along(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    arrays = {name: along(name) for name in Curves.__dataclass_fields__ if name not in ("window", "joint")}
    joint = tuple(
        JointInference(
            **{
                name: np.concatenate([getattr(part.joint[place], name) for part in parts])
                for name in JointInference.__dataclass_fields__
            }
        )
        for place in range(len(parts[0].joint))
    )
    return Curves(window=parts[0].window, joint=joint, **arrays)
