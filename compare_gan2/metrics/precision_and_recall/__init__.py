"""Fidelity and coverage apart: precision and recall of generated features."""
