"""What a trained model shows: grids, files of samples, ways between images, nearest training images, projections."""
