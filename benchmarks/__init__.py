"""How fast: ``python -m benchmarks`` measures every row of the table in docs/performance.md."""
