"""Studies: what is compared, its runs, and what is made of their scores."""
