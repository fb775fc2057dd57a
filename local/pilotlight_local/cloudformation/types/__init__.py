"""The resource types, one module per service. Every module in this package is loaded."""
