"""The allow-list for HTML that leaves the service, and the sanitizer that holds it."""
