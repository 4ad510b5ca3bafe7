"""What is true about sending: rules, states, sums. Standard library only; no clock, no dice, no await."""
