"""What is asked in a body, and what is answered to it."""
