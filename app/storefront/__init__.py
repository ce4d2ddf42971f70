"""The demo shop's storefront at ``/demo``: what a shop with the widget in it looks like. Only with KAUNTER_DEMO."""
