"""Fuzzing of what reads letters. Not part of the tests: its library is not to be had everywhere."""
