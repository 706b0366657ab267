"""The labels that training sees."""
