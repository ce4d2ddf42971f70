"""Kaunter: a multilingual customer-service chatbot that runs on the shop's own machine."""

__version__ = "0.1.0"
