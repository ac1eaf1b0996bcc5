"""What workers of Dask, Ray and Spark are started with in the tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

WAIT = 300  #: seconds for a small call: workers start anew on a busy machine
LOCALHOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    # Workers import the deadly shard, and run by the interpreter of the tests.
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests/support")]),
    "PYSPARK_PYTHON": sys.executable,
    "SPARK_LOCAL_IP": LOCALHOST,
    "RAY_raylet_start_wait_time_s": str(WAIT),
}
