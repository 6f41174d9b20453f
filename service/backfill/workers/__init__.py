"""Processes beside the main one that detect, verify and rewrite; only the main one asks X."""
