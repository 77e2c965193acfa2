"""What is done: one file per stage, and the knowledge that stages share. Never imports flows.

    pull -> filter -> tag -> dedupe_prompts -> answer -> check -> dedupe_answers -> publish

A stage takes a `Batch` (a receipt for one day of one table) and returns the next one.
"""
