"""The HTTP interface: parse, authorise, call conversations, serialise."""
