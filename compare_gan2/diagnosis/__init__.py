"""Whether an installation works, and whether killed runs end as runs that were not killed."""
