"""Classical despeckling filters."""
