"""Pipelines that are slow, fail or crash on demand, for tests that need a run long enough to be watched."""
