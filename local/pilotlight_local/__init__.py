"""Pilotlight's emulator: moto, extended by what our CloudFormation templates need and moto lacks."""

__version__ = "0.1.0"
