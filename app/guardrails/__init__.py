"""What is checked in code before anybody reads it: the customer's text on its way in, the reply on its way out.

Knows neither the store nor the tools: facts arrive as ``Source`` texts (I5).
"""
