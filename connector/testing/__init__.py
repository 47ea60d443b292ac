"""Shipped to adapter and store authors: contract suites that take a factory, and fakes."""
