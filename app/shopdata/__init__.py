"""A shop's data as files: the JSON form with its schema, CSV tables, import and export."""
