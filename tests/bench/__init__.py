"""Benchmarks: ratios within one run, as absolute times say more about the machine than about the code."""
