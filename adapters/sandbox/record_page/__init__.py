"""Record pages: an account or a contact as a rep sees it in either CRM, drawn from the sandbox's own books."""
