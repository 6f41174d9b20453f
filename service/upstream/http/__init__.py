"""The network: one client that sends all requests, DNS, and limits on what each host is asked."""
