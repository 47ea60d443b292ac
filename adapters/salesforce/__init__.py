"""Salesforce, through simple-salesforce."""
