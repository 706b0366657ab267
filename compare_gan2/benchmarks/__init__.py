"""What `python -m compare_gan2.benchmark` measures: the step, its parts, the input, sampling, and how cost grows."""
