"""The Salesforce dialect of the sandbox: what a real org answers, built from documentation and recordings."""
