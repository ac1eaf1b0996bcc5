"""Layouts, one small file each, and their registries."""
