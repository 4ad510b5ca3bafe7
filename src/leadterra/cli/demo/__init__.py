"""`leadterra demo`: the whole of the product in a few seconds, on real processes and a real mail server."""
