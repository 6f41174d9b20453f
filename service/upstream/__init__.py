"""X, asked over HTTPS: what is asked, what the answers mean, and recorded answers in its place."""
