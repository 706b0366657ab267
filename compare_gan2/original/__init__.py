"""What the original compare_gan wrote: checkpoints, configurations, modules, recorded numbers."""
