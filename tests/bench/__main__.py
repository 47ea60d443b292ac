"""All benches, one after the other; 1 where a bound of any is broken."""

import sys

from tests.bench import bench_salesforce_sync

STORES = ("", "tests.bench.stores:sqlite")

if __name__ == "__main__":
    sys.exit(max(bench_salesforce_sync.main(["--store", store]) for store in STORES))
