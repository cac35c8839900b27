"""Inbox, mail and preferences."""
