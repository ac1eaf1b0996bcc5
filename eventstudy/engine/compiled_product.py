"""The sum of the products of two rows in vectors, in one order on every machine."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16  #: partial sums, each of every sixteenth product; rows have a multiple of so many columns


def _row_product(typing: Any, rows: Any, one: Any, other: Any) -> Any:
    """Write the sum over ``t`` of ``rows[one, t] * rows[other, t]`` as code of vectors.

    The compiler makes no vectors of a sum whose order is stated. ``rows`` is a C-contiguous array of float64;
    partial sums are added by halves.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, values[0])
        length = builder.extract_value(array.shape, 1)
        starts = [
            builder.gep(array.data, [builder.mul(context.cast(builder, value, kind, types.int64), length)])
            for value, kind in zip(values[1:], signature.args[1:], strict=True)
        ]
        return _halved(builder, _partial_sums(builder, starts, length))

    return types.float64(rows, one, other), generate


def _partial_sums(builder: Any, starts: Any, length: Any) -> Any:
    """Return the sums of every sixteenth product as a vector."""
    vector, lanes = ir.VectorType(ir.DoubleType(), LANES), ir.Constant(length.type, LANES)
    alloca: Any = cgutils.alloca_once_value
    total = alloca(builder, ir.Constant(vector, [0.0] * LANES))
    with cgutils.for_range(builder, builder.sdiv(length, lanes)) as loop:
        at = [builder.mul(loop.index, lanes)]
        x, y = (
            builder.load(builder.bitcast(builder.gep(start, at), vector.as_pointer()), align=8)
            for start in starts
        )
        builder.store(builder.fadd(builder.load(total), builder.fmul(x, y)), total)
    return builder.load(total)


def _halved(builder: Any, values: Any) -> Any:
    """Return the sum of a vector, whose halves are added until one number is left."""
    while values.type.count > 1:
        half, undefined = values.type.count // 2, ir.Constant(values.type, ir.Undefined)
        places = ir.VectorType(ir.IntType(32), half)
        low, high = (
            builder.shuffle_vector(values, undefined, ir.Constant(places, list(range(first, first + half))))
            for first in (0, half)
        )
        values = builder.fadd(low, high)
    return builder.extract_element(values, ir.Constant(ir.IntType(32), 0))


row_product: Any = intrinsic(_row_product)
