"""Leadterra: an open, self-hosted, API-first delivery engine for outbound e-mail."""

__version__ = "0.1.0"
