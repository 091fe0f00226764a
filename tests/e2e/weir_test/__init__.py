"""Whole-binary tests of weir: backends, clients and the process under test."""
