"""HubSpot, through the transport of hubspot-api-client."""
