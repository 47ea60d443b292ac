"""Everything vendor-specific; one folder a CRM, found by entry point, imported by nobody."""
