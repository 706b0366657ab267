"""Devices and worker processes, and what replicas exchange."""
