"""All benches, one after the other; 1 where a bound of any is broken."""

import sys

from tests.bench import bench_hubspot_sync, bench_salesforce_sync

if __name__ == "__main__":
    sys.exit(max([bench_salesforce_sync.main([]), bench_hubspot_sync.main([])]))
