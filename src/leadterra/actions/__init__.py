"""Everything the product can do, one function each, inside an open unit of work."""
