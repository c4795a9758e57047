"""Answers to exercises, held against what is computed."""
