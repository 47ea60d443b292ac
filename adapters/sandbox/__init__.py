"""A small living world for demos and tests: a Salesforce org, an inbox and the people behind it, all invented."""
