"""A storm of failures around the real program, and what must be true when it is over."""
