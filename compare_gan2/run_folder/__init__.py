"""The files of a run's folder: names, formats, who may write."""
