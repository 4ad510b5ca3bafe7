"""`leadterra simulate`: a plan of accounts, campaigns and troubles, played by the engine in virtual time."""
