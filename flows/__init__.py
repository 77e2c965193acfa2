"""When it is done: the Prefect flows and the command line. Nothing imports this package."""
