"""A HubSpot portal as an API client sees it."""
