"""How data looks: settings, tables, contracts, errors, taxonomy. Imports neither flows nor tasks."""
