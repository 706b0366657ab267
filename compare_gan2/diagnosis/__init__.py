"""Whether killed runs end as runs that were not killed."""
