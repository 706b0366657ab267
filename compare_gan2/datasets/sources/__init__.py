"""Where images come from: arrays, streams of stored examples, folders, TensorFlow Datasets."""
