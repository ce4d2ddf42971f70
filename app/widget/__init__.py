"""The storefront widget: its source in TypeScript, its built files, and their serving."""
