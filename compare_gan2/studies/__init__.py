"""Studies: several configurations and seeds, run and compared in one report."""
