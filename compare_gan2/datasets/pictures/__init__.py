"""Picture files of users: which ones a folder holds, and their pixels, for training and for scoring alike."""
