"""The loops that keep acting: start, drain, stop."""
