"""The demo: simulated months of relationships against the sandbox, on the real stages."""
