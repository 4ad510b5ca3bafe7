"""The letter as bytes: compose, render, thread, address. Pure functions; no clock, no socket."""
