"""Addresses: tweets, short links, snowflake ids, safe link targets."""
