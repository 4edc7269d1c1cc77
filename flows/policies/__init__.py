"""Decisions as pure functions: evidence in, a decision with its reason out."""
