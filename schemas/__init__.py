"""How data looks: settings, tables, contracts, errors, taxonomy. Imports nothing above it."""
