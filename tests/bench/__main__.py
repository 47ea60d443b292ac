"""All benches, one after the other; 1 where a bound of any is broken."""

import sys

from tests.bench import bench_hubspot_sync, bench_salesforce_sync

STORES = ("", "tests.bench.stores:sqlite")

if __name__ == "__main__":
    benches = (bench_salesforce_sync, bench_hubspot_sync)
    sys.exit(max(bench.main(["--store", store]) for bench in benches for store in STORES))
