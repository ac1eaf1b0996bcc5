"""Executors of large studies: shards on Dask, Ray and Spark."""

from eventstudy.engine.executors.on_dask import dask_executor
from eventstudy.engine.executors.on_ray import ray_executor
from eventstudy.engine.executors.on_spark import spark_executor

__all__ = ["dask_executor", "ray_executor", "spark_executor"]
