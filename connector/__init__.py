"""closedloop: a feedback loop inside the CRM."""

__version__ = "0.1.0"
