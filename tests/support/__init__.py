"""What several tests share: a catalogue of cases, tiny runs, files of the original, free addresses."""
